//! Models of the queue, checked by loom.
