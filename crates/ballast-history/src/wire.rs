//! Bytes of the stored formats: sealed envelopes, variable-length integers, compressed blocks.

use std::borrow::Cow;

use bytes::Bytes;

use crate::FormatError;

/// Level of every compressed block: the fastest; floats gain little from more.
const ZSTD_LEVEL: i32 = 1;

/// No zstd block expands further than this (128 KiB for a four-byte block).
const MAX_EXPANSION: u64 = 1 << 16;

/// A stored format: its magic bytes, version, and name for errors.
pub(crate) struct Envelope {
    pub(crate) magic: [u8; 4],
    pub(crate) version: u8,
    pub(crate) what: &'static str,
}

impl Envelope {
    /// Starts the bytes; append the content, then [`Envelope::seal`].
    pub(crate) fn begin(&self) -> Vec<u8> {
        let mut bytes = self.magic.to_vec();
        bytes.push(self.version);
        bytes
    }

    /// Closes the bytes with the CRC32 of all that comes before it.
    pub(crate) fn seal(&self, mut bytes: Vec<u8>) -> Bytes {
        debug_assert_eq!(bytes[..4], self.magic);
        let crc = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes.into()
    }

    /// The content of sealed bytes.
    pub(crate) fn open<'a>(&self, bytes: &'a [u8]) -> Result<Reader<'a>, FormatError> {
        let what = self.what;
        let seen = bytes.len().min(4);
        if bytes[..seen] != self.magic[..seen] {
            return Err(FormatError::Magic { what });
        }
        match bytes.get(4) {
            None => return Err(FormatError::Truncated { what }),
            Some(&found) if found != self.version => {
                return Err(FormatError::Version {
                    what,
                    found,
                    supported: self.version,
                });
            }
            Some(_) => {}
        }
        let content = bytes[5..]
            .split_last_chunk()
            .ok_or(FormatError::Truncated { what })?;
        let (rest, stored_crc) = content;
        if crc32fast::hash(&bytes[..bytes.len() - 4]) != u32::from_le_bytes(*stored_crc) {
            return Err(FormatError::Checksum {
                what: what.to_owned(),
            });
        }
        Ok(Reader { bytes: rest, what })
    }
}

/// Appends an unsigned integer, seven bits a byte, low bits first.
pub(crate) fn put_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Appends a signed integer so that small ones of either sign are short.
pub(crate) fn put_signed(bytes: &mut Vec<u8>, value: i64) {
    put_varint(bytes, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends text after its length.
pub(crate) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_varint(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

/// Appends the part of `name` after what it shares with `before`, which names the part shared.
pub(crate) fn put_name(bytes: &mut Vec<u8>, before: &str, name: &str) {
    let pairs = before.bytes().zip(name.bytes());
    let mut n_shared = pairs.take_while(|(a, b)| a == b).count();
    while !name.is_char_boundary(n_shared) {
        n_shared -= 1;
    }
    put_varint(bytes, n_shared as u64);
    put_text(bytes, &name[n_shared..]);
}

/// Byte planes: the first bytes of all floats, then the second bytes, ... Signs and exponents, which compress, lie
/// together, apart from mantissas, which do not.
pub(crate) fn put_floats(bytes: &mut Vec<u8>, floats: &[f64]) {
    let start = bytes.len();
    let n = floats.len();
    bytes.resize(start + n * 8, 0);
    let planes = &mut bytes[start..];
    for (index, float) in floats.iter().enumerate() {
        for (plane, byte) in float.to_bits().to_le_bytes().into_iter().enumerate() {
            planes[plane * n + index] = byte;
        }
    }
}

/// Reads what [`put_floats`] wrote: eight bytes for each of `n_values`.
pub(crate) fn read_floats(planes: &[u8], n_values: usize) -> Vec<f64> {
    let mut floats = Vec::with_capacity(n_values);
    for index in 0..n_values {
        let mut bits = [0; 8];
        for (plane, byte) in bits.iter_mut().enumerate() {
            *byte = planes[plane * n_values + index];
        }
        floats.push(f64::from_bits(u64::from_le_bytes(bits)));
    }
    floats
}

/// Compresses blocks one after the other.
pub(crate) struct Compressor(zstd::bulk::Compressor<'static>);

impl Compressor {
    pub(crate) fn new() -> Self {
        Self(zstd::bulk::Compressor::new(ZSTD_LEVEL).expect("a known compression level"))
    }

    pub(crate) fn compress(&mut self, raw: &[u8]) -> Vec<u8> {
        self.0.compress(raw).expect("memory suffices for a block")
    }
}

/// Decompresses a block that must give `n_raw` bytes.
pub(crate) fn decompress(
    compressed: &[u8],
    n_raw: u64,
    what: &'static str,
) -> Result<Vec<u8>, FormatError> {
    let malformed = |detail: String| FormatError::Malformed { what, detail };
    if n_raw > (compressed.len() as u64).saturating_mul(MAX_EXPANSION) {
        return Err(malformed(format!(
            "{} compressed bytes cannot give {n_raw}",
            compressed.len()
        )));
    }
    let raw = zstd::bulk::decompress(compressed, n_raw as usize)
        .map_err(|error| malformed(format!("a block does not decompress: {error}")))?;
    if raw.len() as u64 != n_raw {
        return Err(malformed(format!(
            "a block of {n_raw} bytes gave {}",
            raw.len()
        )));
    }
    Ok(raw)
}

/// Reads stored bytes from front to back.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { bytes, what }
    }

    pub(crate) fn what(&self) -> &'static str {
        self.what
    }

    pub(crate) fn n_left(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn malformed(&self, detail: impl Into<Cow<'static, str>>) -> FormatError {
        FormatError::Malformed {
            what: self.what,
            detail: detail.into().into_owned(),
        }
    }

    /// The next `n` bytes.
    pub(crate) fn take(&mut self, n: u64) -> Result<&'a [u8], FormatError> {
        if n > self.bytes.len() as u64 {
            return Err(FormatError::Truncated { what: self.what });
        }
        let (taken, rest) = self.bytes.split_at(n as usize);
        self.bytes = rest;
        Ok(taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, FormatError> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        let bytes = self.take(N as u64)?;
        Ok(bytes.try_into().expect("took that many"))
    }

    pub(crate) fn float(&mut self) -> Result<f64, FormatError> {
        Ok(f64::from_bits(u64::from_le_bytes(self.array()?)))
    }

    pub(crate) fn varint(&mut self) -> Result<u64, FormatError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.malformed("an integer does not fit 64 bits"))
    }

    pub(crate) fn signed(&mut self) -> Result<i64, FormatError> {
        let folded = self.varint()?;
        Ok((folded >> 1) as i64 ^ -((folded & 1) as i64))
    }

    /// A count of things that take at least one byte each of what is left.
    pub(crate) fn count(&mut self) -> Result<usize, FormatError> {
        let count = self.varint()?;
        if count > self.bytes.len() as u64 {
            return Err(FormatError::Truncated { what: self.what });
        }
        Ok(count as usize)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, FormatError> {
        let n = self.varint()?;
        let bytes = self.take(n)?;
        std::str::from_utf8(bytes).map_err(|_| self.malformed("text is not UTF-8"))
    }

    /// A name written by [`put_name`].
    pub(crate) fn name(&mut self, before: &str) -> Result<String, FormatError> {
        let n_shared = self.varint()?;
        let shared = usize::try_from(n_shared)
            .ok()
            .and_then(|n| before.get(..n))
            .ok_or_else(|| self.malformed("a name shares more than the name before it has"))?;
        Ok(format!("{shared}{}", self.text()?))
    }

    /// Checks that nothing is left.
    pub(crate) fn end(&self) -> Result<(), FormatError> {
        if self.bytes.is_empty() {
            Ok(())
        } else {
            Err(self.malformed(format!("{} bytes follow its end", self.bytes.len())))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEST: Envelope = Envelope {
        magic: *b"TEST",
        version: 3,
        what: "test bytes",
    };

    proptest! {
        #[test]
        fn integers_read_back(unsigned: u64, signed: i64) {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, unsigned);
            put_signed(&mut bytes, signed);
            let mut reader = Reader::new(&bytes, "test bytes");
            prop_assert_eq!(reader.varint().unwrap(), unsigned);
            prop_assert_eq!(reader.signed().unwrap(), signed);
            prop_assert!(reader.end().is_ok());
        }

        #[test]
        fn names_read_back(before in "[aé😀]{0,4}", name in "[aé😀]{0,4}") {
            let mut bytes = Vec::new();
            put_name(&mut bytes, &before, &name);
            prop_assert_eq!(Reader::new(&bytes, "test bytes").name(&before).unwrap(), name);
        }
    }

    #[test]
    fn an_envelope_tells_what_is_wrong() {
        let mut bytes = TEST.begin();
        bytes.extend_from_slice(b"content");
        let sealed = TEST.seal(bytes);
        assert_eq!(TEST.open(&sealed).unwrap().take(7).unwrap(), b"content");
        let what = "test bytes";
        let fails = |bytes: &[u8]| TEST.open(bytes).map(|_| ()).unwrap_err();
        assert_eq!(fails(b"PAR1"), FormatError::Magic { what });
        assert_eq!(fails(b"TES"), FormatError::Truncated { what });
        assert_eq!(fails(&sealed[..8]), FormatError::Truncated { what });
        assert!(matches!(fails(&sealed[..12]), FormatError::Checksum { .. }));
        let mut newer = sealed.to_vec();
        newer[4] = 4;
        assert_eq!(
            fails(&newer).to_string(),
            "test bytes has version 4, this build reads version 3"
        );
    }

    #[test]
    fn overlong_integers_are_malformed() {
        let mut reader = Reader::new(&[0xff; 12], "test bytes");
        assert!(matches!(
            reader.varint(),
            Err(FormatError::Malformed { .. })
        ));
    }

    #[test]
    fn a_block_cannot_claim_more_than_it_can_hold() {
        let compressed = Compressor::new().compress(&[0; 1000]);
        assert!(decompress(&compressed, 1000, "test bytes").is_ok());
        assert!(decompress(&compressed, 999, "test bytes").is_err());
        assert!(decompress(&compressed, u64::MAX, "test bytes").is_err());
    }
}
