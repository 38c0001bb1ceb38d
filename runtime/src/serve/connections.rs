//! The open connections of a server.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering, fence},
    },
    task::Context,
    time::Duration,
};

use tokio::{sync::Notify, time::sleep};

use crate::{connection::Connection, platform::Registry};

/// How long the head of a request may take: as long as hyper grants it, where that has a timer.
const HEAD_WITHIN: Duration = Duration::from_secs(30);

/// How often a head is looked at before it is too old.
const LOOKS: u32 = 6;

/// The open connections of a server, and what they are to do.
///
/// A connection reads its orders at each poll from one atomic which is written three times in the
/// life of a server, and is woken when it is.
#[derive(Debug)]
pub(super) struct Connections {
    open: Registry<Arc<Connection>>,
    order: AtomicU8,
    /// Notified when a head arrives in parts.
    heads: Notify,
}

/// What a connection is to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Order {
    /// Serve.
    Serve,
    /// End when it is idle, or else after its response.
    Finish,
    /// The same, but end now where only a part of a request's head has come.
    DropHeads,
    /// End now.
    Close,
}

/// An open connection.
pub(super) struct Open {
    connections: Arc<Connections>,
    connection: Arc<Connection>,
    key: usize,
    registered: bool,
}

impl Connections {
    pub(super) fn new() -> Arc<Self> {
        let order = AtomicU8::new(Order::Serve as u8);
        Arc::new(Self { open: Registry::new(), order, heads: Notify::new() })
    }

    /// Adds a connection, for as long as the returned value lives.
    pub(super) fn add(self: &Arc<Self>, connection: Arc<Connection>) -> Open {
        let key = self.open.add(Arc::clone(&connection));
        Open { connections: Arc::clone(self), connection, key, registered: false }
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// Waits until no connection is open.
    pub(super) async fn wait_until_empty(&self) {
        self.open.wait_until_empty().await;
    }

    /// Has the heads that arrive looked at, until none does.
    pub(super) fn watch_heads(&self) {
        self.heads.notify_one();
    }

    /// Closes, for as long as it is polled, the connections on which the head of a request takes
    /// longer than 30 seconds, give or take a look. Without a head that arrives in parts it sleeps
    /// without a timer.
    pub(super) async fn look_at_heads(&self) {
        loop {
            self.heads.notified().await;
            let mut some = true;
            while some {
                sleep(HEAD_WITHIN / LOOKS).await;
                let open = self.open.items();
                for connection in &open {
                    connection.look_at_head(LOOKS);
                }
                some = open.iter().any(|connection| connection.head_is_arriving());
            }
        }
    }

    /// Gives all connections a new order.
    pub(super) fn tell(&self, order: Order) {
        self.order.store(order as u8, Ordering::Relaxed);
        // Pairs with the fence in `Open::order`.
        fence(Ordering::SeqCst);
        for connection in self.open.items() {
            connection.wake();
        }
    }
}

impl Open {
    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// Has the connection closed if the head of a request that arrives does not end in time.
    #[inline]
    pub(super) fn watch_head(&self) {
        if self.connection.head_is_arriving() {
            self.connections.watch_heads();
        }
    }

    /// Returns the current order, and has the connection woken at the next.
    ///
    /// The waker is kept before the order is read: `tell` either finds it, or has stored the order
    /// that is read here.
    pub(super) fn order(&mut self, cx: &Context<'_>) -> Order {
        if !self.registered {
            self.registered = true;
            self.connection.set_waker(cx.waker());
            fence(Ordering::SeqCst);
        }
        match self.connections.order.load(Ordering::Relaxed) {
            _ if self.connection.head_is_too_old() => Order::Close,
            order if order == Order::Serve as u8 => Order::Serve,
            order if order == Order::Finish as u8 => Order::Finish,
            order if order == Order::DropHeads as u8 => Order::DropHeads,
            _ => Order::Close,
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.connections.open.remove(self.key, drop);
    }
}
