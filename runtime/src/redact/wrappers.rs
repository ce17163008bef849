//! What holds a value follows the policy of its content; what holds many tells how many.

use super::{Failure, Fields, Redact};
use crate::value::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::error::Error;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

macro_rules! follow {
    ([$($parameters:tt)*] $pointer:ty, $absent:expr) => {
        // Whoever lacks a policy is told of the value's own type.
        #[diagnostic::do_not_recommend]
        impl<$($parameters)*> Redact for $pointer {
            fn redact(&self, out: &mut Fields<'_>) {
                (**self).redact(out);
            }

            fn absent(out: &mut Fields<'_>) {
                $absent(out);
            }

            fn describe(&self, error: &mut Failure<'_>) {
                (**self).describe(error);
            }
        }
    };
}

macro_rules! pointers_to {
    ([$($parameters:tt)*] $content:ty, $absent:expr) => {
        follow!([$($parameters)*] &$content, $absent);
        follow!([$($parameters)*] &mut $content, $absent);
        follow!([$($parameters)*] Box<$content>, $absent);
        follow!([$($parameters)*] Rc<$content>, $absent);
        follow!([$($parameters)*] Arc<$content>, $absent);
        follow!([$($parameters)*] Pin<&$content>, $absent);
        follow!([$($parameters)*] Pin<Box<$content>>, $absent);
    };
}

// Not one for all that may be without a size: what hides that there is no value is known of a type that has one.
pointers_to!([T: Redact] T, T::absent);
pointers_to!([T: Redact] [T], Fields::marker);
pointers_to!(['d] dyn Redact + 'd, Fields::marker);
pointers_to!(['d] dyn Redact + Send + 'd, Fields::marker);
pointers_to!(['d] dyn Redact + Send + Sync + 'd, Fields::marker);
pointers_to!([] dyn Error + 'static, Fields::marker);
pointers_to!([] dyn Error + Send + 'static, Fields::marker);
pointers_to!([] dyn Error + Send + Sync + 'static, Fields::marker);

impl<T: Redact + Clone> Redact for Cow<'_, T> {
    fn redact(&self, out: &mut Fields<'_>) {
        (**self).redact(out);
    }

    fn absent(out: &mut Fields<'_>) {
        T::absent(out);
    }

    fn describe(&self, error: &mut Failure<'_>) {
        (**self).describe(error);
    }
}

impl<T: Redact + Clone> Redact for Cow<'_, [T]> {
    fn redact(&self, out: &mut Fields<'_>) {
        (**self).redact(out);
    }
}

impl<T: Redact> Redact for Option<T> {
    fn redact(&self, out: &mut Fields<'_>) {
        match self {
            Some(value) => value.redact(out),
            None => out.absent_content::<T>(),
        }
    }

    fn absent(out: &mut Fields<'_>) {
        out.absent_content::<T>();
    }
}

/// Says which of the two it is, and what is in it.
impl<T: Redact, E: Redact> Redact for Result<T, E> {
    fn redact(&self, out: &mut Fields<'_>) {
        match self {
            Ok(value) => out.walk("ok", value),
            Err(error) => out.walk("err", error),
        }
    }
}

macro_rules! tell_how_many {
    ($([$($parameters:tt)*] $collection:ty),* $(,)?) => {$(
        impl<$($parameters)*> Redact for $collection {
            fn redact(&self, out: &mut Fields<'_>) {
                out.value(Value::Length(self.len() as u64));
            }
        }
    )*};
}

tell_how_many!(
    [T: Redact] [T],
    [T: Redact, const N: usize] [T; N],
    [T: Redact] Vec<T>,
    [T: Redact] VecDeque<T>,
    [T: Redact] LinkedList<T>,
    [T: Redact] BinaryHeap<T>,
    [T: Redact] BTreeSet<T>,
    [T: Redact, S] HashSet<T, S>,
    [K: Redact, V: Redact] BTreeMap<K, V>,
    [K: Redact, V: Redact, S] HashMap<K, V, S>,
);

macro_rules! tuples {
    ($(($($content:ident $position:tt),*)),* $(,)?) => {$(
        impl<$($content: Redact),*> Redact for ($($content,)*) {
            fn redact(&self, out: &mut Fields<'_>) {
                $(out.walk(stringify!($position), &self.$position);)*
            }

            fn absent(out: &mut Fields<'_>) {
                $(out.absent::<$content>(stringify!($position));)*
            }
        }
    )*};
}

tuples!((A 0, B 1), (A 0, B 1, C 2), (A 0, B 1, C 2, D 3));

/// Nothing tells nothing.
impl Redact for () {
    fn redact(&self, _: &mut Fields<'_>) {}

    fn absent(_: &mut Fields<'_>) {}
}
