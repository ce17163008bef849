//! A body as gzip (RFC 1952): a header, deflate, and what shows that all of it arrived.
//!
//! Deflate is `miniz_oxide`'s own. The crates that put gzip around it bring what a sender does not need, for each
//! program to compile: decompression, other formats, and their checksums.

use miniz_oxide::DataFormat;
use miniz_oxide::deflate::CompressionLevel;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, compress_to_output};

/// Deflate, without a name or a time, by the fastest way, on a system that is not told.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

/// Writes `body` behind what is in `into`.
pub(super) fn write(body: &[u8], into: &mut Vec<u8>) {
    into.extend_from_slice(&HEADER);
    let mut deflate =
        CompressorOxide::with_format_and_level(DataFormat::Raw, CompressionLevel::BestSpeed);
    compress_to_output(&mut deflate, body, TDEFLFlush::Finish, |piece| {
        into.extend_from_slice(piece);
        true
    });
    into.extend_from_slice(&crc32fast::hash(body).to_le_bytes());
    // By the format it is the length modulo 2³².
    #[allow(clippy::cast_possible_truncation, reason = "so it is defined")]
    let length = body.len() as u32;
    into.extend_from_slice(&length.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::inflate::decompress_to_vec;

    #[test]
    fn what_was_written_is_read_again_and_stands_behind_what_was_there() {
        let alike = b"spans".repeat(100_000);
        let unlike: Vec<u8> =
            (0..50_000_u32).flat_map(|n| n.wrapping_mul(n).to_le_bytes()).collect();
        for body in [&b""[..], b"span", &alike, &unlike] {
            let mut written = b"before".to_vec();
            write(body, &mut written);
            let gzip = written.strip_prefix(b"before").unwrap().strip_prefix(&HEADER).unwrap();
            let (deflated, end) = gzip.split_at(gzip.len() - 8);
            assert_eq!(decompress_to_vec(deflated).unwrap(), body);
            assert_eq!(end[..4], crc32fast::hash(body).to_le_bytes());
            assert_eq!(end[4..], u32::try_from(body.len()).unwrap().to_le_bytes());
        }
    }
}
