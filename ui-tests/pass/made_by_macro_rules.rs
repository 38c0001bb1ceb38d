//! Functions whose parts come from macros, and parameters of every form.

#![deny(warnings)]
#![allow(clippy::toplevel_ref_arg)]
use with_after::{after, cache, with_after};
pub struct State<T>(pub T);
macro_rules! handler {
    ($(#[$m:meta])* $v:vis $name:ident, $p:pat, $t:ty, $r:ty, $body:block) => {
        $(#[$m])* #[with_after] $v async fn $name($p: $t, mut count: u8) -> $r { count += 1; let _ = count; $body }
    };
}
handler!(/** Docs. */ pub one, State(mut x), State<u8>, Option<u8>, { x += 1; Some(x) });
handler!(pub two, y, u8, u8, { y });
macro_rules! whole {
    ($name:ident ($($arg:ident : $t:ty),*) $body:block) => { #[with_after(component)] pub async fn $name($($arg: $t),*) -> usize $body };
}
whole!(three(a: String, b: Vec<u8>) { after(async {}); a.len() + b.len() });
macro_rules! item {
    ($i:item) => {
        #[with_after]
        $i
    };
}
item!(
    pub async fn four(mut name: String) -> String {
        name.push('x');
        name
    }
);
item!(
    pub fn five(name: String) -> impl Future<Output = usize> {
        async move { name.len() }
    }
);
macro_rules! expr {
    ($e:expr) => {
        #[cache]
        pub async fn six(id: u64) -> u64 {
            let id2 = $e;
            id + id2
        }
    };
}
expr!(3);
pub trait T {
    fn seven(
        &self,
        body: u8,
        handler: u8,
        output: u8,
        value: u8,
    ) -> impl Future<Output = u8> + Send;
}
impl T for u8 {
    #[with_after]
    async fn seven(&self, body: u8, handler: u8, output: u8, value: u8) -> u8 {
        body + handler + output + value + self
    }
}
#[with_after]
pub async fn eight<const N: usize>(
    names: [String; N],
    [a, b]: [u8; 2],
    f: impl Fn(u8) -> u8 + Send,
) -> usize {
    names.len() + usize::from(f(a + b))
}
#[with_after]
pub async fn nine(x: &mut Vec<u8>) -> &mut u8 {
    x.push(1);
    x.last_mut().unwrap()
}
#[with_after]
pub fn ten<'a>(x: &'a mut Vec<u8>, y: &'a str) -> impl Future<Output = usize> + 'a {
    x.push(1);
    async move { x.len() + y.len() }
}
pub struct S(pub Vec<u8>);
impl S {
    #[with_after]
    pub fn eleven(&mut self, n: u8) -> impl Future<Output = usize> + '_ {
        self.0.push(n);
        async { self.0.len() }
    }
    #[with_after]
    pub async fn twelve(&mut self, n: u8) -> &mut u8 {
        self.0.push(n);
        self.0.last_mut().unwrap()
    }
    #[with_after]
    pub async fn thirteen(self: std::sync::Arc<Self>, n: u8) -> usize {
        self.0.len() + usize::from(n)
    }
    #[with_after]
    pub fn fourteen(&self, n: &u8) -> std::pin::Pin<Box<dyn Future<Output = usize> + Send + '_>> {
        let n = *n;
        Box::pin(async move { self.0.len() + usize::from(n) })
    }
}
#[with_after]
pub async fn fifteen(
    x: Box<dyn Fn() -> u8 + Send>,
    ref y: String,
) -> Result<impl std::fmt::Debug, Box<dyn std::error::Error>> {
    let z: u8 = y.parse()?;
    Ok(x() + z)
}
fn send<T: Send>(_: T) {}
pub fn check() {
    send(one(State(1), 1));
    send(three(String::new(), vec![]));
    send(fifteen(Box::new(|| 1), String::new()));
    send(1u8.seven(1, 2, 3, 4));
}
