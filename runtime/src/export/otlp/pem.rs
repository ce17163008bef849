//! Certificates and keys, whichever protocol they are for.

use super::client::Error;
use super::settings::{Pem, Settings};
use crate::small_file;

/// The certificate and the key that say who we are, if there are any: one without the other is a mistake.
pub(crate) fn identity(settings: &Settings) -> Result<Option<(&Pem, &Pem)>, Error> {
    match (&settings.client_certificate, &settings.client_key) {
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Error::Pem("a client certificate needs its key".into())),
        (None, Some(_)) => Err(Error::Pem("a client key needs its certificate".into())),
    }
}

/// What is in it.
pub(crate) fn content(pem: &Pem) -> Result<Vec<u8>, Error> {
    match pem {
        Pem::Bytes(bytes) => Ok(bytes.clone()),
        Pem::File(path) => small_file::read(path)
            .map_err(|error| Error::Pem(format!("{} cannot be read: {error}", name_of(pem)))),
    }
}

/// What it is called in errors.
pub(super) fn name_of(pem: &Pem) -> String {
    match pem {
        Pem::Bytes(_) => "the given PEM".into(),
        Pem::File(path) => format!("`{}`", path.display()),
    }
}
