//! Static pages: what a request for one costs, what a build costs, what each page keeps, and what a
//! revalidation costs as their number grows.
//!
//! Arguments: rounds (40), milliseconds a turn (150), connections (64).

use std::{
    alloc::System,
    env,
    error::Error,
    future::ready,
    io::{self, Write as _},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use http::Request;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::runtime;
use tower_service::Service as _;
use with_after::{
    prerender::{Params, Site},
    revalidate_path, revalidate_tag,
};
use with_after_benches::{
    Variant, one_thread, ratios,
    rounds::{self, Programs},
};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The second shows how far two of the same are apart.
const BESIDE_A_HANDLER: [&str; 5] =
    ["bare", "bare", "page-static", "page-static-around", "page-alone"];
const BESIDE_A_DYNAMIC_PAGE: [&str; 3] = ["page-dynamic", "page-dynamic", "page-hole"];

fn main() -> Result<(), Box<dyn Error>> {
    builds()?;
    memory()?;
    revalidations()?;
    let args: Vec<usize> = env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let arg = |index: usize, otherwise| args.get(index).copied().unwrap_or(otherwise);
    let subject = Path::new(env!("CARGO_BIN_EXE_subject"));
    let programs = Programs { subject, load: Path::new(env!("CARGO_BIN_EXE_load")) };
    for names in [&BESIDE_A_HANDLER[..], &BESIDE_A_DYNAMIC_PAGE] {
        let variants: Vec<_> = names.iter().copied().filter_map(Variant::named).collect();
        let rounds = rounds::run(programs, &variants, arg(2, 64), arg(0, 40), arg(1, 150))?;
        ratios::print(names, &rounds)?;
    }
    Ok(())
}

fn list(pages: usize) -> impl Iterator<Item = [(&'static str, String); 1]> {
    (0..pages).map(|number| [("slug", number.to_string())])
}

/// Builds sites of pages that do nothing, and of pages that block their thread.
fn builds() -> Result<(), Box<dyn Error>> {
    let several = runtime::Builder::new_multi_thread().enable_all().build()?;
    writeln!(io::stdout(), "build\tpages\tms on one thread\tms on all")?;
    for (what, pages, blocks) in
        [("trivial", 10_000, Duration::ZERO), ("blocking", 100, Duration::from_millis(2))]
    {
        let page = move |params: Params| {
            if !blocks.is_zero() {
                thread::sleep(blocks);
            }
            ready(format!("<p>{}</p>", params.get("slug").unwrap_or_default()))
        };
        let build = || Site::builder().page_with("/{slug}", page, list(pages)).build();
        let time = |runtime: &runtime::Runtime| {
            let begun = Instant::now();
            // As users do: on the runtime's main task.
            runtime.block_on(build()).map(|_| begun.elapsed().as_secs_f64() * 1e3)
        };
        let (one, all) = (time(&one_thread()?)?, time(&several)?);
        writeln!(io::stdout(), "{what}\t{pages}\t{one:.1}\t{all:.1}")?;
    }
    Ok(())
}

/// Shows what a page keeps beside its text.
fn memory() -> Result<(), Box<dyn Error>> {
    const TEXT: usize = 1_000;
    writeln!(io::stdout(), "memory\tpages\tbytes a page beside its text")?;
    for pages in [1_000, 10_000, 100_000] {
        let page = |_| ready("x".repeat(TEXT));
        let start = Region::new(ALLOCATOR);
        let site = one_thread()?
            .block_on(Site::builder().page_with("/{slug}", page, list(pages)).build())?;
        let change = start.change();
        let kept = change.bytes_allocated.saturating_sub(change.bytes_deallocated);
        writeln!(io::stdout(), "built\t{pages}\t{}", (kept / pages).saturating_sub(TEXT))?;
        drop(site);

        let start = Region::new(ALLOCATOR);
        let none: [[(&str, &str); 1]; 0] = [];
        let site = Site::builder().param_cache(u64::MAX).page_with("/{slug}", page, none).build();
        let runtime = one_thread()?;
        let site = runtime.block_on(site)?;
        runtime.block_on(visit(&site, pages))?;
        let change = start.change();
        let kept = change.bytes_allocated.saturating_sub(change.bytes_deallocated);
        writeln!(io::stdout(), "on demand\t{pages}\t{}", (kept / pages).saturating_sub(TEXT))?;
    }
    Ok(())
}

/// Asks for so many pages.
async fn visit(site: &Site, pages: usize) -> Result<(), Box<dyn Error>> {
    for number in 0..pages {
        let request = Request::get(format!("/{number}")).body(())?;
        site.clone().call(request).await?;
    }
    Ok(())
}

/// Revalidates one page, and all by their tag, of sites that keep more and more pages.
fn revalidations() -> Result<(), Box<dyn Error>> {
    const CALLS: u32 = 10_000;
    writeln!(io::stdout(), "kept pages\tns a path\tns a tag\tns a description")?;
    let runtime = one_thread()?;
    for pages in [10, 1_000, 100_000] {
        let page = |params: Params| ready(params.get("slug").unwrap_or_default().to_owned());
        let none: [[(&str, &str); 1]; 0] = [];
        let site = Site::builder()
            .param_cache(u64::MAX)
            .page_with("/{slug}", page, none)
            .tags(["all"])
            .build();
        let site = runtime.block_on(site)?;
        runtime.block_on(visit(&site, pages))?;
        let time = |revalidate: &dyn Fn() -> bool| {
            let begun = Instant::now();
            let all = (0..CALLS).all(|_| revalidate());
            assert!(all, "the page is known");
            begun.elapsed() / CALLS
        };
        let path = time(&|| revalidate_path("/7").is_ok());
        let tag = time(&|| revalidate_tag("all").is_ok());
        let description = time(&|| revalidate_path("/{any}").is_ok());
        let [path, tag, description] = [path, tag, description].map(|time| time.as_nanos());
        writeln!(io::stdout(), "{pages}\t{path}\t{tag}\t{description}")?;
    }
    Ok(())
}
