//! What a function takes from the `#[traced(…)]` of the block around it.

use super::Options;
use crate::model::{Errors, Field};
use proc_macro2::Ident;
use quote::format_ident;

/// The function that inherits.
pub(crate) struct Heir<'a> {
    /// The names of those of its arguments that no policy stands on.
    pub(crate) names: &'a [Ident],
    pub(crate) has_self: bool,
}

impl Options {
    /// What is said here goes before what is said around; lists are joined.
    pub(crate) fn inherit(&mut self, around: &Self, heir: &Heir<'_>) {
        let fits = |name: &&Ident| heir.names.contains(name);
        let is_decided_here = |options: &Self, name: &Ident| {
            let mut decided = options.policies.iter().map(|(decided, _)| decided);
            options.skip.contains(name) || decided.any(|decided| decided == name)
        };
        for name in around.skip.iter().filter(fits) {
            if !is_decided_here(self, name) {
                self.skip.push(name.clone());
            }
        }
        for (name, policy) in around.policies.iter().filter(|(name, _)| fits(&name)) {
            if !is_decided_here(self, name) {
                self.policies.push((name.clone(), policy.clone()));
            }
        }
        for (name, key) in around.renames.iter().filter(|(name, _)| fits(&name)) {
            if !self.renames.iter().any(|(renamed, _)| renamed == name) {
                self.renames.push((name.clone(), key.clone()));
            }
        }
        self.inherit_fields(around, heir);
        self.skip_all |= around.skip_all;
        self.strict |= around.strict;
        self.attach |= around.attach;
        self.uncompressed |= around.uncompressed;
        self.target = self.target.take().or_else(|| around.target.clone());
        self.err = self.err.take().or_else(|| around.err.clone().map(Errors::of_a_block));
        self.ret = self.ret.or(around.ret);
        self.polls |= around.polls;
        self.slow_ns = self.slow_ns.or(around.slow_ns);
        self.kind = self.kind.or(around.kind);
        self.level = self.level.or(around.level);
        self.sample = self.sample.take().or_else(|| around.sample.clone());
        self.limit_per_second = self.limit_per_second.or(around.limit_per_second);
        self.parent = self.parent.take().or_else(|| around.parent.clone());
        self.links = self.links.take().or_else(|| around.links.clone());
        self.crate_path = self.crate_path.take().or_else(|| around.crate_path.clone());
    }

    /// A field that speaks of `self` is for methods.
    fn inherit_fields(&mut self, around: &Self, heir: &Heir<'_>) {
        let receiver = [format_ident!("self")];
        let inherited = around.fields.iter().filter(|field| {
            let is_said_here = self.fields.iter().any(|own| own.key == field.key);
            !is_said_here && (heir.has_self || !field.form.mentions(&receiver))
        });
        let inherited: Vec<Field> = inherited.cloned().collect();
        self.fields.splice(..0, inherited);
    }
}
