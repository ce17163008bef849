//! From the compiler's path to the name that a person would give.
//!
//! The macros put an item into each annotated function; its path, as `type_name` prints it, ends with the
//! function, and in front of that stands its type, its trait or its module. The last two of these are the
//! name. What the compiler adds on the way (closures, generics, whole types as path segments) goes.

/// The item that the macros put into each annotated function.
const MARKER: &str = "__TracedHere";

/// `shop::orders::Orders::place::__TracedHere` → `Orders::place`.
pub(super) fn normalise(path: &str) -> String {
    let segments = segments(path);
    let mut named = segments.iter().copied().filter(|segment| is_named(segment)).rev();
    let Some(function) = named.next().map(short) else { return path.to_owned() };
    // In front of a function at the root stands the crate, which the service's name says already.
    match (named.next(), named.next()) {
        (Some(owner), Some(_)) => format!("{}::{function}", short(owner)),
        (Some(owner), None) if owner.starts_with('<') => format!("{}::{function}", short(owner)),
        _ => function,
    }
}

/// `shop::orders::<impl shop::orders::Orders<T>>::place::__TracedHere` → `shop::orders::Orders::place`.
pub(super) fn qualify(path: &str) -> Option<String> {
    let segments: Vec<_> = segments(path).into_iter().filter(|segment| is_named(segment)).collect();
    // What stands before a whole `impl` says where it is written, not what it is for.
    let first = segments.iter().rposition(|segment| segment.starts_with('<')).unwrap_or(0);
    let named = segments.get(first..).filter(|named| !named.is_empty())?;
    let without_generics = |segment: &str| {
        let implementation = segment.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
        let ty = implementation.map_or(segment, implementing_type);
        let end = ty.find('<').filter(|at| *at > 0 && ty.ends_with('>')).unwrap_or(ty.len());
        ty[..end].to_owned()
    };
    Some(named.iter().map(|segment| without_generics(segment)).collect::<Vec<_>>().join("::"))
}

pub(super) fn leak(name: &str) -> &'static str {
    Box::leak(name.into())
}

/// Closures, constants (`{{closure}}`, `_`) and the marker have no name of their own.
fn is_named(segment: &str) -> bool {
    !segment.starts_with('{') && segment != "_" && segment != MARKER
}

/// The parts between those `::` that are in no bracket.
fn segments(path: &str) -> Vec<&str> {
    let (mut segments, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    let bytes = path.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            // The `>` of an arrow closes nothing.
            b'>' if at > 0 && bytes[at - 1] == b'-' => {}
            b'>' | b')' | b']' | b'}' => depth -= 1,
            b':' if depth == 0 && at >= start && bytes[at..].starts_with(b"::") => {
                segments.push(&path[start..at]);
                start = at + 2;
            }
            _ => {}
        }
    }
    segments.push(path.get(start..).unwrap_or_default());
    segments
}

/// A segment without generics and paths; of a whole `impl`, the type that it is for.
fn short(segment: &str) -> String {
    match segment.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        Some(implementation) => short_type(implementing_type(implementation)),
        None => short_type(segment),
    }
}

/// `shop::Orders as shop::Place`, `impl shop::Orders` or `impl shop::Place for shop::Orders`.
fn implementing_type(implementation: &str) -> &str {
    match implementation.strip_prefix("impl ") {
        Some(rest) => find_outside(rest, " for ").map_or(rest, |at| &rest[at + " for ".len()..]),
        None => {
            find_outside(implementation, " as ").map_or(implementation, |at| &implementation[..at])
        }
    }
}

/// Where `word` stands in no bracket.
fn find_outside(text: &str, word: &str) -> Option<usize> {
    let is_here = |at: &usize| text.as_bytes()[*at..].starts_with(word.as_bytes());
    (0..text.len()).filter(is_here).find(|at| open_brackets(&text[..*at]) == 0)
}

/// How many brackets are open at the end. The `>` of an arrow closes none.
fn open_brackets(text: &str) -> i32 {
    let closing = |bytes: &[u8]| match bytes {
        [.., b'-', b'>'] => 0,
        [.., b'<' | b'(' | b'['] => 1,
        [.., b'>' | b')' | b']'] => -1,
        _ => 0,
    };
    (1..=text.len()).map(|end| closing(&text.as_bytes()[..end])).sum()
}

/// `&alloc::vec::Vec<shop::Item>` → `Vec`.
fn short_type(ty: &str) -> String {
    let mut ty = ty;
    for prefix in ["&", "mut ", "dyn ", "*const ", "*mut "] {
        ty = ty.strip_prefix(prefix).unwrap_or(ty);
    }
    let mut short = String::new();
    // Where the path that is being copied began; `::` takes it back.
    let (mut path_start, mut depth) = (0, 0_i32);
    let mut characters = ty.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '-' if characters.peek() == Some(&'>') => {
                characters.next();
                if depth == 0 {
                    short.push_str("->");
                    path_start = short.len();
                }
            }
            '<' => depth += 1,
            '>' => depth -= 1,
            _ if depth > 0 => {}
            ':' if characters.peek() == Some(&':') => {
                characters.next();
                short.truncate(path_start);
            }
            _ => {
                short.push(character);
                if !(character.is_alphanumeric() || character == '_') {
                    path_start = short.len();
                }
            }
        }
    }
    short
}

#[cfg(test)]
#[allow(clippy::unused_self, clippy::unused_async, clippy::redundant_closure_call)]
mod tests {
    use super::normalise;

    macro_rules! name {
        () => {{
            enum __TracedHere {}
            normalise(std::any::type_name::<__TracedHere>())
        }};
    }

    mod orders {
        use super::normalise;

        pub(super) struct Orders;
        pub(super) struct Cart<T>(pub(super) T);
        pub(super) trait Place {
            fn place() -> String;
            fn default() -> String {
                name!()
            }
        }
        pub(super) trait PlaceFor<A> {
            fn place_for() -> String;
        }

        pub(super) fn place() -> String {
            name!()
        }
        pub(super) fn generic<T>(_: T) -> String {
            name!()
        }
        pub(super) fn r#match() -> String {
            name!()
        }
        pub(super) fn outer() -> String {
            fn inner() -> String {
                name!()
            }
            inner()
        }
        pub(super) async fn later() -> String {
            name!()
        }

        impl Orders {
            pub(super) fn place_one(&self) -> String {
                name!()
            }
            pub(super) fn in_closure() -> String {
                (|| name!())()
            }
            pub(super) async fn later(&self) -> String {
                async { name!() }.await
            }
        }
        impl<T> Cart<T> {
            pub(super) fn fill() -> String {
                name!()
            }
        }
        impl Cart<Vec<(u8, std::collections::HashMap<String, [u8; 4]>)>> {
            pub(super) fn special() -> String {
                name!()
            }
        }
        impl Place for Orders {
            fn place() -> String {
                name!()
            }
        }
        impl<T> Place for Cart<T> {
            fn place() -> String {
                name!()
            }
        }
        impl<T> PlaceFor<Vec<T>> for Cart<T> {
            fn place_for() -> String {
                name!()
            }
        }
        macro_rules! place_for {
            ($($ty:ty),* $(,)?) => {$(
                impl Place for $ty {
                    fn place() -> String {
                        name!()
                    }
                }
            )*};
        }
        place_for!([u8; 3], &'static str, (u8, Orders), dyn Fn(u8) -> u8, Vec<u8>);
        place_for!(fn(u8) -> Orders, Box<dyn Iterator<Item = u8> + Send>);
    }

    mod elsewhere {
        use super::normalise;
        use super::orders::{Cart, Orders, Place};

        impl Orders {
            pub(super) fn elsewhere() -> String {
                name!()
            }
        }
        impl<T> Cart<T> {
            pub(super) fn elsewhere() -> String {
                name!()
            }
        }
        impl Place for u8 {
            fn place() -> String {
                name!()
            }
        }
    }

    use orders::{Cart, Orders, Place, PlaceFor};

    fn ready<F: Future>(future: F) -> F::Output {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            std::task::Poll::Ready(output) => output,
            std::task::Poll::Pending => panic!("not ready"),
        }
    }

    #[test]
    fn functions_go_by_their_module() {
        assert_eq!(orders::place(), "orders::place");
        assert_eq!(orders::generic(1), "orders::generic");
        assert_eq!(orders::r#match(), "orders::match");
        assert_eq!(orders::outer(), "outer::inner");
        assert_eq!(ready(orders::later()), "orders::later");
        assert_eq!(normalise("shop::main::__TracedHere"), "main");
        assert_eq!(normalise("shop::_::place::__TracedHere"), "place");
    }

    #[test]
    fn methods_go_by_their_type() {
        assert_eq!(Orders.place_one(), "Orders::place_one");
        assert_eq!(Orders::in_closure(), "Orders::in_closure");
        assert_eq!(ready(Orders.later()), "Orders::later");
        assert_eq!(Cart::<u8>::fill(), "Cart::fill");
        assert_eq!(Cart::<Vec<_>>::special(), "Cart::special");
        assert_eq!(Orders::elsewhere(), "Orders::elsewhere");
        assert_eq!(Cart::<u8>::elsewhere(), "Cart::elsewhere");
        assert_eq!(normalise("shop::Orders::place::__TracedHere"), "Orders::place");
    }

    #[test]
    fn trait_methods_go_by_the_type_and_default_bodies_by_the_trait() {
        assert_eq!(<Orders as Place>::place(), "Orders::place");
        assert_eq!(<Orders as Place>::default(), "Place::default");
        assert_eq!(<Cart<u8> as Place>::place(), "Cart::place");
        assert_eq!(<Cart<u8> as PlaceFor<_>>::place_for(), "Cart::place_for");
        assert_eq!(<u8 as Place>::place(), "u8::place");
    }

    #[test]
    fn types_that_are_no_paths_are_shortened() {
        assert_eq!(<[u8; 3]>::place(), "[u8; 3]::place");
        assert_eq!(<&str>::place(), "str::place");
        assert_eq!(<(u8, Orders)>::place(), "(u8, Orders)::place");
        assert_eq!(<dyn Fn(u8) -> u8>::place(), "Fn(u8) -> u8::place");
        assert_eq!(<Vec<u8>>::place(), "Vec::place");
        assert_eq!(<fn(u8) -> Orders>::place(), "fn(u8) -> Orders::place");
        assert_eq!(<Box<dyn Iterator<Item = u8> + Send>>::place(), "Box::place");
        assert_eq!(normalise("<dyn shop::Tr<X = u8>>::place::__TracedHere"), "Tr::place");
    }

    #[test]
    fn a_qualified_name_is_the_path_without_generics() {
        let qualify = |path| super::qualify(path).unwrap();
        assert_eq!(
            qualify("shop::orders::place::{{closure}}::__TracedHere"),
            "shop::orders::place"
        );
        assert_eq!(qualify("shop::Orders::place::__TracedHere"), "shop::Orders::place");
        let inherent = "shop::elsewhere::<impl shop::Cart<T>>::fill::__TracedHere";
        assert_eq!(qualify(inherent), "shop::Cart::fill");
        let of_trait = "<shop::Cart<T> as shop::Place>::place::__TracedHere";
        assert_eq!(qualify(of_trait), "shop::Cart::place");
        assert_eq!(qualify("<[u8; 3] as shop::Place>::place::__TracedHere"), "[u8; 3]::place");
        assert_eq!(super::qualify("__TracedHere"), None);
    }

    #[test]
    fn what_is_no_path_is_left_alone() {
        for odd in ["", "::", "<", ">", "a::<b", "{{closure}}", "\u{fc}::\u{e9}"] {
            let _ = normalise(odd);
        }
        assert_eq!(normalise("{{closure}}"), "{{closure}}");
    }
}
