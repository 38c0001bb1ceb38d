// #[cache(crate = my::with_after)]
// fn price<T>(mut id: u64) -> u32 { id += 1; id }

fn price<T>(id: u64) -> u32 {
    #[allow(clippy::used_underscore_binding)]
    let cell = my::with_after::__private::sync_cell::<
        _,
        u32,
    >("price", || (), || ::std::vec![my::with_after::__private::key(& id)]);
    cell.call(move || -> u32 {
        #[allow(clippy::shadow_same)]
        let mut id = id;
        ({
            id += 1;
            id
        })
    })
}
