//! What the attributes accept: a module for each kind of code, which compiles without warnings.

pub mod arguments_evaluated_at_the_call;
pub mod attributes_in_and_around_the_body;
pub mod bare_attribute;
pub mod cache;
pub mod closures_that_are_not_handed_over;
pub mod closures_that_run_at_the_call;
pub mod cookie_written_before_the_task;
pub mod crate_argument;
pub mod data_that_came_from_work;
pub mod every_form_of_max_duration;
pub mod every_kind;
pub mod fields_shorthand_and_format_arguments;
pub mod functions_and_modules_of_the_same_name;
pub mod future_is_send;
pub mod future_may_be_local;
pub mod generics_lifetimes_and_bounds;
pub mod impl_trait_in_parameters;
pub mod jobs;
pub mod made_by_macro_rules;
pub mod methods;
pub mod methods_and_functions_of_that_name;
pub mod names_bound_in_select;
pub mod names_cannot_clash;
#[rustfmt::skip] // hundreds of levels, of which each would be a line
pub mod nested_deep;
pub mod never_returns;
pub mod no_lint_is_raised;
pub mod other_things_that_schedule;
pub mod parameters_stay_what_they_are;
pub mod patterns_in_parameters;
pub mod question_mark_and_early_return;
pub mod raw_identifiers_and_qualifiers;
pub mod recursive_boxed_future;
pub mod request_read_in_a_task_of_a_middleware;
pub mod request_read_in_a_task_of_a_route;
pub mod request_read_in_a_task_of_a_server_fn;
pub mod returns_boxed_future;
pub mod returns_impl_future;
pub mod returns_impl_future_with_borrows;
pub mod returns_impl_trait;
pub mod self_type_in_body;
pub mod shadowed_by_items_and_imports;
pub mod shadowed_by_locals_and_parameters;
pub mod sync_function;
pub mod task_passed_through_a_function;
pub mod tasks_that_never_end;
pub mod trait_implementations;
pub mod type_inferred_from_the_return_type;
pub mod under_debug_handler;
pub mod values_read_before_and_moved_in;
pub mod with_async_trait;
pub mod with_instrument;

#[test]
fn every_file_is_compiled() {
    let folder = std::fs::read_dir(env!("CARGO_MANIFEST_DIR")).expect("the folder is there");
    let paths = folder.map(|entry| entry.expect("can be listed").path());
    for path in paths.filter(|path| path.extension().is_some_and(|it| it == "rs")) {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("names are UTF-8");
        let module = format!("\npub mod {name};\n");
        assert!(name == "lib" || include_str!("lib.rs").contains(&module), "{name} is no module");
    }
}
