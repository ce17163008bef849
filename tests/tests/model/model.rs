//! What is promised, in its simplest form: frames of nodes.
//!
//! A *node* is something that others hang on: an open span, or a scope that stands for a span of wherever.
//! Each node knows what was innermost when it came, its `outer`.
//!
//! A *frame* is one chain of nodes, of which one is innermost. It belongs to one segment, or to none. The
//! first thing on a thread is a frame of no segment. A root begins a frame, and so does whoever continues a
//! segment that is not the current one. Every future has a frame of its own, which is on the thread's stack
//! during its polls.
//!
//! - A span hangs on the innermost node of the topmost frame; without a segment it begins one.
//! - Whoever ends leaves its node: if the node is on the chain from the innermost one outwards, its `outer`
//!   is innermost again, and what was inside is passed over. If not, it was passed over itself, and nothing
//!   changes. A forgotten guard never leaves, so that what follows hangs on its span until something around
//!   it leaves.
//! - The end of a root takes its frame from wherever it is in the stack. What was open inside keeps its
//!   place in the tree and ends when it ends.
//! - The end of a scope, and of a poll, takes all frames that were begun inside and are still there.
//! - A future hangs on what is innermost at its first poll, else on what was innermost at its call; where
//!   neither is, it begins a segment.
//! - A section lasts from poll to poll. Once its future has moved, only sections that end in order and in
//!   the scope they were opened in are promised to leave; others keep their place and end when they end.
//! - What is said about a span that has ended may come too late.
//! - Of a segment that is not recorded, nothing is, wherever it is continued.

use std::collections::HashMap;
use std::fmt;

/// Names a span of a program: recorded as an attribute.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Label(pub(crate) u64);

/// The labels of one program; those of the next follow.
pub(crate) const LABELS: u64 = 1 << 32;

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0 % LABELS)
    }
}

type NodeId = usize;
pub(crate) type FrameId = usize;
type SegmentId = usize;

/// What a span hangs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Parent {
    Nobody,
    Remote(u128),
    Span(Label),
}

/// How a span ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    Unfinished,
    Finished,
    Cancelled,
}

/// A span that is expected.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) name: &'static str,
    pub(crate) parent: Parent,
    pub(crate) segment: SegmentId,
    pub(crate) outcome: Outcome,
    pub(crate) events: usize,
    /// Said after its end, when it may have been sent already.
    pub(crate) late_events: usize,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    /// The span that it is or stands for; none in a segment that is not recorded.
    span: Option<Label>,
    outer: Option<NodeId>,
    frame: FrameId,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    segment: Option<SegmentId>,
    /// Where roots hang that begin here, in another process.
    ambient: Option<u128>,
    top: Option<NodeId>,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    is_recorded: bool,
}

/// A place that something can be told to hang on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Nowhere,
    Remote(u128),
    Local(SegmentId, Option<Label>),
}

/// Where a span is to hang.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Below {
    Current,
    Root,
    Place(Place),
}

/// What an open guard stands for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Opened {
    node: Option<NodeId>,
    scope: Option<NodeId>,
    owns: Option<FrameId>,
    label: Option<Label>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.label, self.owns) {
            (None, None) => write!(f, "nothing"),
            (None, Some(frame)) => write!(f, "frame {frame}"),
            (Some(label), None) => write!(f, "{label:?}"),
            (Some(label), Some(frame)) => write!(f, "{label:?} in frame {frame}"),
        }
    }
}

/// A future's part of the model.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Future {
    /// Never polled.
    New { name: &'static str, below: Below, called: Place },
    /// Has a frame, and a span unless it continues somebody else's or is not recorded.
    Live { frame: FrameId, span: Option<Label> },
    /// Is outside of any segment during each poll.
    Outside { ambient: Option<u128> },
}

/// A scope that was entered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope {
    Node(NodeId),
    Frame(FrameId),
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    nodes: Vec<Node>,
    frames: Vec<Frame>,
    segments: Vec<Segment>,
    /// The frames of the thread that runs, the topmost last.
    stack: Vec<FrameId>,
    pub(crate) spans: HashMap<Label, Expected>,
    next_label: u64,
    no_label: u64,
}

/// Roots of this name are not sampled.
pub(crate) const UNSAMPLED: &str = "unsampled";

impl Model {
    /// Labels count from `first`.
    pub(crate) fn new(first: u64) -> Self {
        let mut model = Self { next_label: first, no_label: first + LABELS - 1, ..Self::default() };
        model.begin_thread();
        model
    }

    /// The stack of a new thread; returns that of the one before.
    pub(crate) fn begin_thread(&mut self) -> Vec<FrameId> {
        let base = self.new_frame(None, None);
        std::mem::replace(&mut self.stack, vec![base])
    }

    pub(crate) fn end_thread(&mut self, before: Vec<FrameId>) {
        self.stack = before;
    }

    fn new_frame(&mut self, segment: Option<SegmentId>, ambient: Option<u128>) -> FrameId {
        self.frames.push(Frame { segment, ambient, top: None });
        self.frames.len() - 1
    }

    fn push_node(&mut self, frame: FrameId, span: Option<Label>) -> NodeId {
        self.nodes.push(Node { span, outer: self.frames[frame].top, frame });
        self.frames[frame].top = Some(self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    fn topmost(&self) -> FrameId {
        *self.stack.last().expect("a thread has a frame")
    }

    fn is_recorded(&self, segment: SegmentId) -> bool {
        self.segments[segment].is_recorded
    }

    fn innermost(&self, frame: FrameId) -> Option<Label> {
        self.frames[frame].top.and_then(|node| self.nodes[node].span)
    }

    /// Where what is opened now would hang.
    pub(crate) fn current(&self) -> Place {
        let frame = self.topmost();
        match (self.frames[frame].segment, self.frames[frame].ambient) {
            (Some(segment), _) => Place::Local(segment, self.innermost(frame)),
            (None, Some(remote)) => Place::Remote(remote),
            (None, None) => Place::Nowhere,
        }
    }

    /// Whether something is recorded here now.
    pub(crate) fn is_recording(&self) -> bool {
        self.frames[self.topmost()].segment.is_some_and(|segment| self.is_recorded(segment))
    }

    fn new_span(&mut self, name: &'static str, parent: Parent, segment: SegmentId) -> Label {
        let label = Label(self.next_label);
        self.next_label += 1;
        let outcome = Outcome::Unfinished;
        self.spans
            .insert(label, Expected { name, parent, segment, outcome, events: 0, late_events: 0 });
        label
    }

    fn new_segment(&mut self, name: &str) -> SegmentId {
        self.segments.push(Segment { is_recorded: name != UNSAMPLED });
        self.segments.len() - 1
    }

    /// A span at the bottom of a new frame: that of a root.
    fn root_frame(
        &mut self,
        name: &'static str,
        remote: Option<u128>,
    ) -> (FrameId, Option<NodeId>, Option<Label>) {
        let segment = self.new_segment(name);
        let frame = self.new_frame(Some(segment), None);
        if !self.is_recorded(segment) {
            return (frame, None, None);
        }
        let parent = remote.map_or(Parent::Nobody, Parent::Remote);
        let label = self.new_span(name, parent, segment);
        (frame, Some(self.push_node(frame, Some(label))), Some(label))
    }

    /// A span of a segment in a new frame, below one of the segment's spans.
    fn visiting_frame(
        &mut self,
        name: &'static str,
        segment: SegmentId,
        below: Option<Label>,
    ) -> (FrameId, Option<NodeId>, Option<Label>) {
        let frame = self.new_frame(Some(segment), None);
        let Some(below) = below.filter(|_| self.is_recorded(segment)) else {
            return (frame, None, None);
        };
        self.push_node(frame, Some(below));
        let label = self.new_span(name, Parent::Span(below), segment);
        (frame, Some(self.push_node(frame, Some(label))), Some(label))
    }

    /// What a span records as its label; one that should not be there records the last one.
    pub(crate) fn label_of(&self, opened: Opened) -> u64 {
        opened.label.map_or(self.no_label, |label| label.0)
    }

    /// The same of the innermost span.
    pub(crate) fn current_label(&self) -> u64 {
        self.innermost(self.topmost()).map_or(self.no_label, |label| label.0)
    }

    /// A function is entered.
    pub(crate) fn open(&mut self, name: &'static str, below: Below) -> Opened {
        let frame = self.topmost();
        let Frame { segment, ambient, .. } = self.frames[frame];
        match below {
            Below::Current => match segment {
                None => self.open_root(name, ambient),
                Some(segment) => self.open_in(frame, segment, name, None),
            },
            Below::Root | Below::Place(Place::Nowhere) => self.open_root(name, None),
            Below::Place(Place::Remote(remote)) => self.open_root(name, Some(remote)),
            Below::Place(Place::Local(there, label)) if segment == Some(there) => {
                self.open_in(frame, there, name, label)
            }
            Below::Place(Place::Local(there, label)) => {
                let (frame, node, label) = self.visiting_frame(name, there, label);
                self.stack.push(frame);
                Opened { node, scope: None, owns: Some(frame), label }
            }
        }
    }

    fn open_root(&mut self, name: &'static str, remote: Option<u128>) -> Opened {
        let (frame, node, label) = self.root_frame(name, remote);
        self.stack.push(frame);
        Opened { node, scope: None, owns: Some(frame), label }
    }

    fn open_in(
        &mut self,
        frame: FrameId,
        segment: SegmentId,
        name: &'static str,
        below: Option<Label>,
    ) -> Opened {
        if !self.is_recorded(segment) {
            return Opened::default();
        }
        let scope = below.map(|label| self.push_node(frame, Some(label)));
        let parent = self.innermost(frame).expect("a recorded segment has a root");
        let label = self.new_span(name, Parent::Span(parent), segment);
        let node = Some(self.push_node(frame, Some(label)));
        Opened { node, scope, owns: None, label: Some(label) }
    }

    /// A guard or a section is dropped.
    pub(crate) fn close(&mut self, opened: Opened) {
        if let Some(label) = opened.label {
            self.finish(label, Outcome::Finished);
        }
        for node in [opened.node, opened.scope].into_iter().flatten() {
            self.leave(node);
        }
        if let Some(frame) = opened.owns {
            self.stack.retain(|other| *other != frame);
        }
    }

    fn finish(&mut self, label: Label, outcome: Outcome) {
        let span = self.spans.get_mut(&label).expect("it was opened");
        if span.outcome == Outcome::Unfinished {
            span.outcome = outcome;
        }
    }

    fn leave(&mut self, node: NodeId) {
        let frame = self.nodes[node].frame;
        if !self.stack.contains(&frame) {
            return;
        }
        let mut at = self.frames[frame].top;
        while let Some(inner) = at {
            at = self.nodes[inner].outer;
            if inner == node {
                self.frames[frame].top = at;
                return;
            }
        }
    }

    /// A section is entered: never a root.
    pub(crate) fn open_section(&mut self, name: &'static str) -> Opened {
        if self.is_recording() { self.open(name, Below::Current) } else { Opened::default() }
    }

    /// A context becomes current.
    pub(crate) fn enter_scope(&mut self, place: Place) -> Scope {
        let frame = self.topmost();
        match place {
            Place::Local(segment, label) if self.frames[frame].segment == Some(segment) => {
                Scope::Node(self.push_node(frame, label))
            }
            Place::Local(segment, label) => {
                let frame = self.new_frame(Some(segment), None);
                self.push_node(frame, label);
                self.stack.push(frame);
                Scope::Frame(frame)
            }
            Place::Nowhere | Place::Remote(_) => {
                let ambient = if let Place::Remote(remote) = place { Some(remote) } else { None };
                let frame = self.new_frame(None, ambient);
                self.stack.push(frame);
                Scope::Frame(frame)
            }
        }
    }

    /// It is no longer, and what was begun inside is gone.
    pub(crate) fn leave_scope(&mut self, scope: Scope) {
        match scope {
            Scope::Node(node) => {
                self.unwind_above(self.nodes[node].frame);
                self.leave(node);
            }
            Scope::Frame(frame) => {
                if let Some(at) = self.stack.iter().position(|other| *other == frame) {
                    self.stack.truncate(at);
                }
            }
        }
    }

    fn unwind_above(&mut self, frame: FrameId) {
        if let Some(at) = self.stack.iter().position(|other| *other == frame) {
            self.stack.truncate(at + 1);
        }
    }

    /// An event happens.
    pub(crate) fn happen(&mut self) {
        if let Place::Local(_, Some(label)) = self.current() {
            let span = self.spans.get_mut(&label).expect("it was opened");
            match span.outcome {
                Outcome::Unfinished => span.events += 1,
                Outcome::Finished | Outcome::Cancelled => span.late_events += 1,
            }
        }
    }

    /// A traced future is made.
    pub(crate) fn call(&self, name: &'static str, below: Below) -> Future {
        Future::New { name, below, called: self.current() }
    }

    /// A future is made that continues a place.
    pub(crate) fn lend(&mut self, place: Place) -> Future {
        match place {
            Place::Nowhere => Future::Outside { ambient: None },
            Place::Remote(remote) => Future::Outside { ambient: Some(remote) },
            Place::Local(segment, label) => {
                let frame = self.new_frame(Some(segment), None);
                self.push_node(frame, label);
                Future::Live { frame, span: None }
            }
        }
    }

    /// A poll begins, or the drop of a future that was polled; returns the label of a span that it opens.
    pub(crate) fn begin_poll(&mut self, future: &mut Future) -> (FrameId, Option<Label>) {
        let (frame, opened) = match *future {
            Future::Outside { ambient } => (self.new_frame(None, ambient), None),
            Future::Live { frame, .. } => (frame, None),
            Future::New { name, below, called } => {
                let (frame, span) = self.first_poll(name, below, called);
                *future = Future::Live { frame, span };
                (frame, span)
            }
        };
        self.stack.push(frame);
        (frame, opened)
    }

    fn first_poll(
        &mut self,
        name: &'static str,
        below: Below,
        called: Place,
    ) -> (FrameId, Option<Label>) {
        let place = match below {
            Below::Current => match self.current() {
                Place::Nowhere => called,
                here => here,
            },
            Below::Root => Place::Nowhere,
            Below::Place(place) => place,
        };
        let (frame, _, label) = match place {
            Place::Nowhere => self.root_frame(name, None),
            Place::Remote(remote) => self.root_frame(name, Some(remote)),
            Place::Local(segment, label) => self.visiting_frame(name, segment, label),
        };
        (frame, label)
    }

    /// The poll ends, with what was begun inside of it.
    pub(crate) fn end_poll(&mut self, frame: FrameId) {
        if let Some(at) = self.stack.iter().position(|other| *other == frame) {
            self.stack.truncate(at);
        }
    }

    /// The future is ready, or dropped.
    pub(crate) fn end_future(&mut self, future: &Future, outcome: Outcome) {
        if let Future::Live { span: Some(label), .. } = *future {
            self.finish(label, outcome);
        }
    }

    /// Whether a future was polled, so that its drop is an end.
    pub(crate) fn is_begun(future: &Future) -> bool {
        matches!(future, Future::Live { .. })
    }
}
