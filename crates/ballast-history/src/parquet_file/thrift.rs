//! The compact protocol of Thrift, as far as it takes to look at a structure before the decoder believes what it says.

/// Structures within structures, at most. Those of Parquet have nine.
const MAX_DEPTH: usize = 16;

const BOOL_TRUE: u8 = 1;
const BOOL_FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

/// Why bytes are no structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// They stop early.
    Truncated,
    /// They say something that cannot be.
    Malformed,
}

type Result<T> = std::result::Result<T, Flaw>;

/// Bytes being read.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    /// How many structures were met so far.
    pub(super) n_structs: u64,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            depth: 0,
            n_structs: 0,
        }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Result<u8> {
        let byte = *self.bytes.get(self.at).ok_or(Flaw::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    fn pass(&mut self, n_bytes: u64) -> Result<()> {
        let left = (self.bytes.len() - self.at) as u64;
        if n_bytes > left {
            return Err(Flaw::Truncated);
        }
        self.at += n_bytes as usize;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Flaw::Malformed)
    }

    fn zigzag(&mut self) -> Result<i64> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Reads an integer that counts something, of a field of the type `kind`.
    pub(super) fn count(&mut self, kind: u8) -> Result<u64> {
        u64::try_from(self.int(kind)?).map_err(|_| Flaw::Malformed)
    }

    /// Reads an integer of a field of the type `kind`.
    pub(super) fn int(&mut self, kind: u8) -> Result<i64> {
        if matches!(kind, I16 | I32 | I64) {
            self.zigzag()
        } else {
            Err(Flaw::Malformed)
        }
    }

    /// Reads a structure. `each` gets the number and the type of every field, and says whether it has read it.
    pub(super) fn fields(
        &mut self,
        mut each: impl FnMut(&mut Self, i64, u8) -> Result<bool>,
    ) -> Result<()> {
        self.n_structs += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Flaw::Malformed);
        }
        let mut number = 0;
        loop {
            let header = self.byte()?;
            if header == 0 {
                break;
            }
            let kind = header & 0x0f;
            number = match header >> 4 {
                0 => self.zigzag()?,
                step => number + i64::from(step),
            };
            if !each(self, number, kind)? {
                self.skip(kind, true)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads a list of structures, giving each to `each`.
    pub(super) fn structs(
        &mut self,
        kind: u8,
        mut each: impl FnMut(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let (length, item) = self.list(kind)?;
        if length > 0 && item != STRUCT {
            return Err(Flaw::Malformed);
        }
        (0..length).try_for_each(|_| each(self))
    }

    fn list(&mut self, kind: u8) -> Result<(u64, u8)> {
        if !matches!(kind, LIST | SET) {
            return Err(Flaw::Malformed);
        }
        let header = self.byte()?;
        let length = match header >> 4 {
            15 => self.varint()?,
            length => u64::from(length),
        };
        // Every item has a byte at least.
        if length > (self.bytes.len() - self.at) as u64 {
            return Err(Flaw::Truncated);
        }
        Ok((length, header & 0x0f))
    }

    /// Passes over a value. A yes or no has a byte of its own only in lists and maps.
    fn skip(&mut self, kind: u8, is_field: bool) -> Result<()> {
        match kind {
            BOOL_TRUE | BOOL_FALSE if is_field => Ok(()),
            BOOL_TRUE | BOOL_FALSE | BYTE => self.pass(1),
            I16 | I32 | I64 => self.varint().map(|_| ()),
            DOUBLE => self.pass(8),
            BINARY => {
                let length = self.varint()?;
                self.pass(length)
            }
            LIST | SET => {
                let (length, item) = self.list(kind)?;
                self.nested(|cursor| (0..length).try_for_each(|_| cursor.skip(item, false)))
            }
            MAP => {
                let length = self.varint()?;
                if length == 0 {
                    return Ok(());
                }
                if length > (self.bytes.len() - self.at) as u64 {
                    return Err(Flaw::Truncated);
                }
                let kinds = self.byte()?;
                self.nested(|cursor| {
                    (0..length).try_for_each(|_| {
                        cursor.skip(kinds >> 4, false)?;
                        cursor.skip(kinds & 0x0f, false)
                    })
                })
            }
            STRUCT => self.fields(|_, _, _| Ok(false)),
            _ => Err(Flaw::Malformed),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Flaw::Malformed);
        }
        read(self)?;
        self.depth -= 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(bytes: &[u8]) -> Result<(usize, u64)> {
        let mut cursor = Cursor::new(bytes);
        cursor.fields(|_, _, _| Ok(false))?;
        Ok((cursor.position(), cursor.n_structs))
    }

    #[test]
    fn structures_are_passed_over() {
        // 1: true, 2: i32 of two bytes, 3: text, 4: two structs of which the second has a byte, 9: a map.
        let bytes = [
            0x11, 0x15, 0x80, 0x01, 0x18, 2, b'a', b'b', 0x19, 0x2c, 0, 0x13, 7, 0, 0x5b, 1, 0x88,
            1, b'k', 1, b'v', 0, 99,
        ];
        assert_eq!(walk(&bytes), Ok((bytes.len() - 1, 3)));
        for end in 0..bytes.len() - 1 {
            assert_eq!(walk(&bytes[..end]), Err(Flaw::Truncated), "first {end}");
        }
    }

    #[test]
    fn lengths_beyond_the_bytes_and_endless_nesting_are_refused() {
        assert_eq!(
            walk(&[0x19, 0xfc, 0xff, 0xff, 0x7f, 0, 0]),
            Err(Flaw::Truncated)
        );
        assert_eq!(walk(&[0x18, 0xff, 0xff, 0x7f, 0]), Err(Flaw::Truncated));
        assert_eq!(walk(&[0x1c; 100]), Err(Flaw::Malformed));
        assert_eq!(walk(&[0x19; 100]), Err(Flaw::Malformed));
        assert_eq!(walk(&[0x1d, 0]), Err(Flaw::Malformed));
        assert_eq!(
            walk(&[
                0x15, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0
            ]),
            Err(Flaw::Malformed)
        );
    }
}
