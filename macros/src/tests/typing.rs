//! While someone types, the function survives and nothing panics.

use proc_macro2::{Group, TokenStream, TokenTree};

use super::tokens;
use crate::{cache, pipeline};

const HANDLERS: [&str; 4] = [
    r#"
    #[axum::debug_handler]
    pub async fn checkout(State(mut db): State<Db>, mut count: u8, Json(order): Json<Order>) -> Result<Json<Receipt>, AppError>
    where
        Db: Clone,
    {
        let receipt = db.insert(order).await?;
        after(async move {
            let headers = headers().await;
            audit(receipt.id, headers.get(USER_AGENT)).await
        });
        cookies().await.set(Cookie::new("cart", "empty"))?;
        Ok(Json(receipt))
    }
    "#,
    r#"
    async fn profile<'a, T: Render + 'a>(&'a self, name: &'a str) -> Html<String> {
        use with_after::{after as later, cookies as jar};
        let read = headers;
        let job = if self.fast { async { jar().await; }.boxed() } else { async {}.boxed() };
        later(job);
        later(|| async move { tokio::select! { c = jar() => drop(c), _ = read() => {} } });
        task("mail").blocking().schedule(move || println!("{:?}", try_cookies()?.len()));
        html! { <p class="x"> { self.render() } </p> }
    }
    "#,
    r"
    fn page(id: u32) -> Pin<Box<dyn Future<Output = Html> + Send>> {
        fn count() -> usize { try_headers().map_or(0, |headers| headers.len()) }
        after(|| count());
        let Some(x) = find(id) else { return Box::pin(async { not_found() }) };
        Box::pin(async move { 'a: loop { match x { Some(y) if y > 1 => break 'a y, _ => continue } } })
    }
    ",
    r#"
    pub const unsafe extern "C" fn odd(mut self: Arc<Self>, [a, b]: [u8; 2], ..) -> impl Trait<{ N + 1 }> {
        after(async { after(async { cookies().await.set(c) }) })
    }
    "#,
];
const ARGUMENTS: &str =
    r#"component, max_duration = "30s", crate = ::some::path, rout, timeout = 3s"#;

#[test]
fn every_prefix_of_a_handler_survives() {
    for handler in HANDLERS {
        for kind in ["component", "route"] {
            for prefix in prefixes(handler) {
                assert_survives(tokens(kind), &prefix);
            }
        }
    }
}

#[test]
fn every_handler_survives_every_prefix_of_the_arguments() {
    for handler in HANDLERS {
        for prefix in prefixes(ARGUMENTS) {
            assert_survives(prefix, &tokens(handler));
        }
    }
}

#[test]
fn a_memoised_function_survives_every_prefix() {
    let function = "pub async fn user<'a, T: Key>(db: &Db, name: &'a str, id: Option<T>) -> Result<User, Arc<Error>> \
                    { let Some(id) = id else { return Err(none()) }; db.load(name, id).await }";
    for prefix in prefixes(function) {
        assert_survives(TokenStream::new(), &prefix);
    }
    for prefix in prefixes("skip(db, name), crate = ::some::path, ttl = 3s") {
        assert_survives(prefix, &tokens(function));
    }
}

#[test]
fn a_handler_survives_the_loss_of_any_token() {
    for handler in HANDLERS {
        for lost in 0..count(&tokens(handler)) {
            let item = without(tokens(handler), lost, &mut 0);
            assert_survives(tokens("component"), &item);
        }
    }
}

/// Asserts that all tokens of the item come out again; the `mut` of a parameter does elsewhere.
fn assert_survives(args: TokenStream, item: &TokenStream) {
    for expansion in [pipeline::with_after(args.clone(), item), cache::cache(args, item)] {
        let mut emitted = flat(expansion);
        for token in flat(item.clone()) {
            let found = emitted.iter().position(|other| *other == token);
            emitted.swap_remove(found.unwrap_or_else(|| panic!("`{token}` is lost from: {item}")));
        }
    }
}

/// The source cut before each of its tokens, with open brackets closed.
fn prefixes(source: &str) -> Vec<TokenStream> {
    let whole = tokens(source);
    (0..=count(&whole)).map(|length| prefix(whole.clone(), &mut length.clone())).collect()
}

fn prefix(tokens: TokenStream, left: &mut usize) -> TokenStream {
    let mut kept = Vec::new();
    for token in tokens {
        if *left == 0 {
            break;
        }
        *left -= 1;
        kept.push(map_group(token, |inner| prefix(inner, left)));
    }
    kept.into_iter().collect()
}

fn without(tokens: TokenStream, lost: usize, seen: &mut usize) -> TokenStream {
    let mut kept = Vec::new();
    for token in tokens {
        let here = *seen;
        *seen += 1;
        let token = map_group(token, |inner| without(inner, lost, seen));
        if here != lost {
            kept.push(token);
        }
    }
    kept.into_iter().collect()
}

fn map_group(token: TokenTree, map: impl FnOnce(TokenStream) -> TokenStream) -> TokenTree {
    match token {
        TokenTree::Group(group) => Group::new(group.delimiter(), map(group.stream())).into(),
        token => token,
    }
}

/// How many tokens there are; a pair of brackets is one.
fn count(tokens: &TokenStream) -> usize {
    let inner = |token| match token {
        TokenTree::Group(group) => count(&group.stream()),
        _ => 0,
    };
    tokens.clone().into_iter().map(|token| 1 + inner(token)).sum()
}

fn flat(tokens: TokenStream) -> Vec<String> {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Group(group) => flat(group.stream()),
            token => vec![token.to_string()],
        })
        .collect()
}
