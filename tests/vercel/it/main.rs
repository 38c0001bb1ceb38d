//! Functions of Vercel in processes of their own, under a test that stands in for the platform: it
//! speaks the protocol of `vercel_runtime`, which sends its messages to a socket.

mod function;
mod order;
mod shutdown;
