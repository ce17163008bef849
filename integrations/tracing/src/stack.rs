//! Which spans of `tracing` are entered on this thread, and by what means.
//!
//! Ours are left in the reverse order of entering. Guards of `tracing` may be dropped in any order: then what was
//! entered later is left as well, and entered again.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, PoisonError};
use traced::__integration::{Bridged, Inside};
use traced::{Attached, Context};

/// A span of `tracing` that is recorded.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) context: Context,
    /// Nothing while it is entered somewhere.
    span: Mutex<Option<Bridged>>,
}

/// An entry, until it is left.
struct Frame {
    id: u64,
    open: Arc<Open>,
    how: How,
}

enum How {
    /// The span itself is here.
    Inside(Inside),
    /// It is already entered, here or on another thread: what is opened now hangs on it all the same.
    Attached(Attached),
}

/// What is left on a thread that ends with entered spans is not touched any more.
type Stack = ManuallyDrop<Vec<Frame>>;

thread_local! {
    static STACK: RefCell<Stack> = const { RefCell::new(ManuallyDrop::new(Vec::new())) };
}

fn stack<R>(work: impl FnOnce(&mut Vec<Frame>) -> R) -> Option<R> {
    // It is borrowed for moments, in which no code of others runs.
    STACK.with(|stack| stack.try_borrow_mut().ok().map(|mut stack| work(&mut stack)))
}

impl Open {
    pub(crate) fn new(span: Bridged, context: Context) -> Arc<Self> {
        Arc::new(Self { context, span: Mutex::new(Some(span)) })
    }

    fn take(&self) -> Option<Bridged> {
        self.span.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, span: Bridged) {
        *self.span.lock().unwrap_or_else(PoisonError::into_inner) = Some(span);
    }

    fn go_in(self: Arc<Self>, id: u64) -> Frame {
        let how = match self.take() {
            Some(span) => How::Inside(span.enter()),
            None => How::Attached(self.context.attach()),
        };
        Frame { id, open: self, how }
    }

    /// Says something about the span, wherever it is.
    pub(crate) fn say(&self, say: impl FnOnce()) {
        if traced::current().span_id() == self.context.span_id() {
            return say();
        }
        match self.take() {
            Some(span) => {
                let inside = span.enter();
                say();
                self.put(inside.leave());
            }
            None => self.context.in_scope(say),
        }
    }

    /// It ends now.
    pub(crate) fn end(&self) {
        if let Some(span) = self.take() {
            span.end();
        }
    }
}

impl Frame {
    fn leave(self) -> (u64, Arc<Open>) {
        match self.how {
            How::Inside(inside) => self.open.put(inside.leave()),
            How::Attached(attached) => drop(attached),
        }
        (self.id, self.open)
    }
}

pub(crate) fn enter(id: u64, open: Arc<Open>) {
    let frame = open.go_in(id);
    let mut frame = Some(frame);
    stack(|stack| stack.extend(frame.take()));
}

pub(crate) fn leave(id: u64) {
    let above = stack(|stack| {
        let at = stack.iter().rposition(|frame| frame.id == id)?;
        Some(stack.split_off(at))
    });
    let Some(mut above) = above.flatten() else { return };
    // The last one first; the first of them is the one to be left.
    let mut again = Vec::new();
    while let Some(frame) = above.pop() {
        again.push(frame.leave());
    }
    again.pop();
    while let Some((id, open)) = again.pop() {
        enter(id, open);
    }
}
