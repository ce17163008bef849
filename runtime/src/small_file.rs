//! Files that variables and code name: certificates and keys, which are small.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// Longer ones are something else.
const LONGEST: u64 = 1 << 20;

/// What is in a file, unless that is more than a certificate or a key may be: a wrong name may be that of a device that
/// never ends.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(LONGEST + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LONGEST {
        return Err(Error::new(ErrorKind::InvalidData, "it is longer than 1 MiB"));
    }
    Ok(content)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_is_refused() {
        let error = read(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(error.to_string(), "it is longer than 1 MiB");
        assert_eq!(read(Path::new("/dev/null")).unwrap(), b"");
    }
}
