//! What of values may be told at most, and the key of hashes: before anything is recorded, and never taken back.

use super::said::Guarded;
#[cfg(feature = "init")]
use crate::config::privacy::{HASH_KEY_FILE, Privacy};
#[cfg(feature = "init")]
use crate::config::variables::Warning;
use crate::pipeline::install::InstallError;
use crate::redact;
#[cfg(feature = "init")]
use crate::redact::KeyError;
#[cfg(feature = "init")]
use crate::small_file;

/// What code says.
pub(super) fn apply_said(said: Guarded) -> Result<(), InstallError> {
    if let Some(cap) = said.cap {
        redact::cap(cap);
    }
    if let Some(hook) = said.on_error {
        redact::on_error(hook);
    }
    match said.hash_key {
        Some(key) => redact::set_key(&key).map_err(InstallError::HashKey),
        None => Ok(()),
    }
}

/// What variables say: caps of both are obeyed, and a key in code outweighs one in a file.
#[cfg(feature = "init")]
pub(super) fn apply_variables(privacy: &Privacy, said: &Guarded) -> Option<Warning> {
    privacy.caps.value.clone().apply();
    let path = privacy.hash_key_file.value.as_ref().filter(|_| said.hash_key.is_none())?;
    let problem = match small_file::read(path) {
        Ok(key) => match redact::set_key(without_line_end(&key)) {
            // The key of an attempt that failed for another reason is the same.
            Ok(()) | Err(KeyError::SetAlready) => return None,
            Err(error) => error.to_string(),
        },
        Err(error) => format!("it cannot be read: {error}"),
    };
    Some(Warning {
        variable: HASH_KEY_FILE,
        value: Some(path.display().to_string()),
        problem,
        instead: "telling the marker in place of hashes".to_owned(),
    })
}

/// Editors end a file with a line's end that nobody means.
#[cfg(feature = "init")]
fn without_line_end(key: &[u8]) -> &[u8] {
    let key = key.strip_suffix(b"\n").unwrap_or(key);
    key.strip_suffix(b"\r").unwrap_or(key)
}
