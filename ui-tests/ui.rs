//! What the compiler says of right and wrong uses of the attributes.
//!
//! Diagnostics differ between compilers, so these tests run on the pinned one only,
//! and fail on any other. `TRYBUILD=overwrite cargo test -p with-after-ui-tests`
//! writes the expected output anew.

mod pinned;

#[test]
fn mistakes_are_refused_and_good_code_compiles() {
    pinned::assert_pinned_compiler();
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*.rs");
}
