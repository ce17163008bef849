//! The hot path: a span is opened, and closed.
//!
//! Off: one load and one branch. Recording: one thread-local, one bounds check, four stores and a clock
//! read on the way in; a compare, two stores and a clock read on the way out. Everything
//! else is cold, and in functions of its own.

mod about;
mod close;
mod described;
pub(crate) mod gate;
pub(crate) mod guard;
mod open;
pub(crate) mod root;
pub(crate) mod stack;

pub(crate) use about::{add_outcome, name_of, say, send_end};
pub(crate) use close::{close_anyhow, close_cold, close_here, leave};
pub(crate) use described::Given;
pub use described::Span;
pub use guard::Guard;
pub(crate) use guard::Open;
use open::locate;
pub use open::{enter, enter_recording, enter_with, records};
pub(crate) use open::{
    open_anyhow, open_at, open_in_visit, open_making_room, write_bare, write_making_room,
};
