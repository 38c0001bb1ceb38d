//! What the compiler says of right and wrong uses of the attributes.
