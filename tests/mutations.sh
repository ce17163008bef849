#!/usr/bin/env bash
# Takes one policy after the other out of the macros and the runtime, and sees at least one test fail for each. By hand, with
# nothing uncommitted; a line each, and a count at the end. That a policy of a type outweighs what a place says is seen by
# `ui-tests` instead:
#
#   tests/mutations.sh            all of them
#   tests/mutations.sh marker     those whose names match
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wanted=${1:-}

git diff --quiet || { echo 'commit first: files are changed and put back' >&2; exit 1; }

survived=0
log=$(mktemp)
changed=
put_back() { [ -z "$changed" ] || git checkout --quiet -- "$changed"; changed=; }
trap 'put_back; rm -f "$log"' EXIT

fails() {
    ! cargo test --quiet -p traced-tests --test redaction --test leaks >"$log" 2>&1 ||
        ! cargo test --quiet -p traced --features hash --lib redact >"$log" 2>&1
}

# mutate NAME FILE FROM TO: FROM and TO are plain text, and FROM stands in the file.
mutate() {
    local name=$1 file=$2
    [[ $name == *"$wanted"* ]] || return 0
    FROM=$3 TO=$4 perl -0pi -e 'BEGIN { $found = 0 } $found = 1 if s/\Q$ENV{FROM}\E/$ENV{TO}/; END { exit !$found }' "$file" ||
        { echo "the code of \`$name\` has changed: mend this script" >&2; exit 1; }
    changed=$file
    if fails; then
        case $(grep -o 'could not compile `[a-z-]*`' "$log") in
            '') echo "seen      $name" ;;
            # A test that does not compile any more sees it, too.
            *traced-tests*) echo "refused   $name" ;;
            *) echo "mend this script: with \`$name\`, the crate itself does not compile" >&2; exit 1 ;;
        esac
    else
        echo "NOT SEEN  $name"
        survived=$((survived + 1))
    fi
    put_back
}

policy=macros/src/expand/policy.rs
arguments=macros/src/analyze/arguments.rs
masks=runtime/src/redact/masks.rs

mutate 'marker publishes' macros/src/expand/values.rs '(Decision::Redact(mask), None) => {' \
    '(Decision::Redact(Mask::Marker), None) => {
            let value = by_type(value, false, runtime);
            generated! { { use #runtime::by_type::*; #value } }
        }
        (Decision::Redact(mask), None) => {'
mutate 'skipped fields are told' macros/src/redact/expand.rs \
    'FieldTold::ByAttribute(Decision::Skip) => return TokenStream::new(),' \
    'FieldTold::ByAttribute(Decision::Skip) => generated! { #runtime::Value::Text("told") },'
mutate 'len publishes' $policy 'Mask::Length => call("length", TokenStream::new()),' 'Mask::Length => leaf(reference, span, runtime),'
mutate 'last of short texts' $masks 'const MIN_CHARACTERS: usize = 12;' 'const MIN_CHARACTERS: usize = 1;'
mutate 'last of many characters' $masks 'const MAX_LAST: usize = 4;' 'const MAX_LAST: usize = 8;'
mutate 'hash publishes' $masks 'Value::Hash(class, self.as_bytes())' '{ let _ = class; Value::Text(self) }'
mutate 'with publishes' macros/src/expand/values.rs 'policy::made(path, &whole, span, runtime)' '{ let _ = path; generated! { ::std::format!("{:?}", #whole) } }'
mutate 'with of a field publishes' $policy 'let made = made(path, name, span, runtime);' 'let made = { let _ = path; generated! { ::std::format!("{:?}", #name) } };'
mutate 'each tells all' $policy '#max,
        )) {' '#max + 1000,
        )) {'
mutate 'redact(rest) skips' macros/src/redact/analyze.rs \
    '(None, Some(decision)) => FieldTold::ByAttribute(decision.clone()),' '(None, Some(_)) => FieldTold::ByAttribute(Decision::Skip),'
mutate 'what is behind a pointer shows' runtime/src/redact/wrappers.rs 'pointers_to!([T: Redact] T, T::absent);' 'pointers_to!([T: Redact] T, Fields::marker);'
mutate 'hash without class' runtime/src/redact/hash/enabled.rs 'digest(key, class.as_bytes())' 'digest(key, b"")'
mutate 'skip records' $arguments 'if let Some(Decision::Skip) = decision {' 'if let (Some(Decision::Skip), true) = (decision, false) {'
mutate 'secret names are told' macros/src/redact/secret_names.rs 'WORDS.contains(&word)' 'word.is_empty()'
mutate 'text is told by its type' runtime/src/value.rs \
    'wide_numbers!(i128, u128);' \
    'wide_numbers!(i128, u128); impl Number for String { fn number(&self) -> Value<'"'"'static> { Value::Length(self.len() as u64) } }'
mutate 'None shows' runtime/src/redact/wrappers.rs 'None => out.absent_content::<T>(),' 'None => {}'
mutate 'collections tell more' runtime/src/redact/wrappers.rs 'out.value(Value::Length(self.len() as u64));' 'out.marker();'
mutate 'a wrapper with a policy is taken apart' runtime/src/probe.rs \
    'impl<W: Redact + ?Sized, T: ?Sized> BoundByPolicy for Bound' 'impl<W: Redact + Copy + ?Sized, T: ?Sized> BoundByPolicy for Bound'
mutate 'a redacted variant tells its name' macros/src/redact/expand.rs \
    'Told::Marker => generated! { #out.marker(); },' 'Told::Marker => { let name = name.to_string(); generated! { #out.value(#runtime::Value::Text(#name)); } }'
mutate 'messages of hidden fields' macros/src/redact/expand.rs 'FieldTold::ByAttribute(decision) => {
            policy::of_reference(decision, field.class.as_ref(), binding, field.span, runtime)
        }
    };
    generated! { #out.told(#value); }' 'FieldTold::ByAttribute(_) => generated! { #runtime::Value::Text("told") },
    };
    generated! { #out.told(#value); }'
mutate 'expected errors fail' runtime/src/redact/failure.rs 'self.is_expected = true;' ''
mutate 'caps do nothing' runtime/src/redact/cap.rs 'if declared <= self {' 'if declared <= self || declared > self {'

echo "$survived not seen"
exit $((survived > 0))
