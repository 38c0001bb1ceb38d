//! Revalidations, told to all machines and heard from them.

use std::{collections::hash_map::RandomState, hash::BuildHasher as _, time::Duration};

use sqlx::{PgPool, postgres::PgListener};
use tokio::{sync::mpsc::UnboundedReceiver, time::sleep, try_join};
use with_after::prerender::{Revalidation, SiteHandle};

/// Begins to hear of revalidations. Before the pages are made: what is told between the one and the
/// other would reach nobody, and the page would stay as it was.
pub(crate) async fn listen(pool: &PgPool) -> sqlx::Result<PgListener> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen("pages").await?;
    Ok(listener)
}

/// Shares revalidations for ever; while the database is away they are kept, and all pages are
/// taken for old when it is back.
pub(crate) async fn share(
    site: SiteHandle,
    pool: PgPool,
    mut listener: PgListener,
    mut told: UnboundedReceiver<Revalidation>,
) {
    // Tells the machine's own messages from those of others.
    let me = format!("{:016x}", RandomState::new().hash_one("machine"));
    loop {
        let ended = try_join!(tell(&me, &pool, &mut told), hear(&me, &mut listener, &site));
        eprintln!("revalidations are not shared for the moment: {ended:?}");
        listener = listen_again(&pool).await;
        // What was told meanwhile reached nobody.
        site.revalidate_all();
    }
}

async fn listen_again(pool: &PgPool) -> PgListener {
    loop {
        sleep(Duration::from_secs(1)).await;
        match listen(pool).await {
            Ok(listener) => return listener,
            Err(error) => eprintln!("{error}"),
        }
    }
}

async fn tell(
    me: &str,
    pool: &PgPool,
    told: &mut UnboundedReceiver<Revalidation>,
) -> sqlx::Result<()> {
    while let Some(revalidation) = told.recv().await {
        let message = format!("{me} {revalidation}");
        sqlx::query("SELECT pg_notify('pages', $1)").bind(message).execute(pool).await?;
    }
    std::future::pending().await
}

async fn hear(me: &str, listener: &mut PgListener, site: &SiteHandle) -> sqlx::Result<()> {
    loop {
        // `None` if the connection was lost, and with it what was told until it listened again.
        let Some(message) = listener.try_recv().await? else {
            site.revalidate_all();
            continue;
        };
        let (from, text) = message.payload().split_once(' ').unwrap_or_default();
        if from != me {
            // Another machine may have other pages, while it is replaced by a newer one.
            match text.parse::<Revalidation>().map(|heard| site.revalidate(&heard)) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => eprintln!("{error}"),
                Err(error) => eprintln!("{error}"),
            }
        }
    }
}
