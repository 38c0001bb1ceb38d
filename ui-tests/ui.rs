//! What the compiler says of wrong uses of the attributes. Right ones are in `pass/`: beside them
//! here, `trybuild` would compile one case after the other.
//!
//! Diagnostics differ between compilers, so these tests run on the pinned one only,
//! and fail on any other. `TRYBUILD=overwrite cargo test -p with-after-ui-tests`
//! writes the expected output anew.

mod pinned;

#[test]
fn mistakes_are_refused() {
    pinned::assert_pinned_compiler();
    trybuild::TestCases::new().compile_fail("fail/*.rs");
}
