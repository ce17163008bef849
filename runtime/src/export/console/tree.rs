//! The spans of one trace in the order of a reader: each before its children, siblings by their begin.
//!
//! Spans may come from another process or another library, so nothing is taken for granted: parents that
//! are missing, ids that occur twice, circles. Whatever comes, each span is shown once; nothing recurses.

use crate::export::span::Span;
use crate::id::SpanId;
use std::collections::HashMap;

/// A span in its place.
pub(super) struct Node<'a> {
    pub(super) span: &'a Span,
    /// What stands before its name.
    pub(super) guide: String,
    /// What stands before the lines that belong to it.
    pub(super) guide_below: String,
}

/// Puts spans, sorted by their begin, into the order of a reader. Of deeper trees only the innermost
/// `levels` are drawn as guides.
pub(super) fn in_reading_order<'a>(spans: &[&'a Span], levels: usize) -> Vec<Node<'a>> {
    let family = Family::of(spans);
    let mut nodes = Vec::with_capacity(spans.len());
    let mut seen = vec![false; spans.len()];
    // Circles have no root, so after the roots everything else may be one.
    for root in family.roots.iter().copied().chain(0..spans.len()) {
        let mut waiting = vec![Waiting { index: root, depth: 0, is_last: true }];
        let mut branch = Branch::default();
        while let Some(next) = waiting.pop() {
            if std::mem::replace(&mut seen[next.index], true) {
                continue;
            }
            branch.move_to(&next);
            let children = &family.children[next.index];
            nodes.push(Node {
                span: spans[next.index],
                guide: branch.guide(levels),
                guide_below: branch.guide_below(levels, !children.is_empty()),
            });
            waiting.extend(children.iter().rev().enumerate().map(|(from_end, &index)| Waiting {
                index,
                depth: next.depth + 1,
                is_last: from_end == 0,
            }));
        }
    }
    nodes
}

/// Who belongs to whom, by position among the spans.
struct Family {
    roots: Vec<usize>,
    children: Vec<Vec<usize>>,
}

impl Family {
    fn of(spans: &[&Span]) -> Self {
        // Reversed, so that of two spans with one id the first is found.
        let positions: HashMap<SpanId, usize> =
            spans.iter().enumerate().rev().map(|(index, span)| (span.span_id, index)).collect();
        let mut family = Self { roots: Vec::new(), children: vec![Vec::new(); spans.len()] };
        for (index, span) in spans.iter().enumerate() {
            let parent = positions.get(&span.parent_id).filter(|_| span.parent_id.is_valid());
            match parent {
                Some(&parent) => family.children[parent].push(index),
                None => family.roots.push(index),
            }
        }
        family
    }
}

struct Waiting {
    index: usize,
    depth: usize,
    is_last: bool,
}

/// The way from the root to where we are: of each span on it, whether it is the last of its siblings.
#[derive(Default)]
struct Branch(Vec<bool>);

impl Branch {
    fn move_to(&mut self, next: &Waiting) {
        self.0.truncate(next.depth.saturating_sub(1));
        if next.depth > 0 {
            self.0.push(next.is_last);
        }
    }

    fn guide(&self, levels: usize) -> String {
        let Some((is_last, outer)) = self.0.split_last() else { return String::new() };
        Self::lines(outer, levels) + if *is_last { "└ " } else { "├ " }
    }

    fn guide_below(&self, levels: usize, has_children: bool) -> String {
        Self::lines(&self.0, levels + 1) + if has_children { "│ " } else { "  " }
    }

    fn lines(branch: &[bool], levels: usize) -> String {
        let hidden = branch.len().saturating_sub(levels);
        let shown = branch[hidden..].iter().map(|is_last| if *is_last { "  " } else { "│ " });
        (hidden > 0).then_some("⋯ ").into_iter().chain(shown).collect()
    }
}
