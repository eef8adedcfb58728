//! Why the bytes of a stream end before they should, in words for a person.
//!
//! Faults travel as the payload of an [`io::Error`] through the layers of readers; the
//! innermost layer knows best what happened, so outer layers pass a fault on unchanged.

use std::io;

/// Something that ends a stream early. The text ends with what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The data ends in the middle.
    #[error("the {what} data ends too early; copy the file again in full")]
    CutOff {
        /// What kind of data.
        what: &'static str,
    },
    /// The data contradicts itself.
    #[error("the {what} data is damaged ({why}); copy the file again")]
    Damaged {
        /// What kind of data.
        what: &'static str,
        /// What the decoder says.
        why: String,
    },
    /// The decoder asks for more memory than it may have.
    #[error(
        "the {what} data needs more than {} MiB of memory to unpack; unpack it first",
        limit >> 20
    )]
    Memory {
        /// What kind of data.
        what: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// It unpacks to far more than any log does.
    #[error(
        "{input} bytes unpack to more than {output}, which looks like a decompression bomb; \
         unpack it first if you trust it"
    )]
    Bomb {
        /// Bytes read from disk.
        input: u64,
        /// Bytes unpacked from them.
        output: u64,
    },
    /// The operating system cannot read the file.
    #[error("{error}; check the disk and the permissions")]
    Disk {
        /// What it says.
        error: io::Error,
    },
}

impl Fault {
    /// What went wrong in the layer `what`, unless a layer below has said it already.
    pub(super) fn of_layer(what: &'static str, error: io::Error) -> io::Error {
        if error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).is_some() {
            return error;
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::CutOff { what }.into(),
            _ => Self::Damaged { what, why: error.to_string() }.into(),
        }
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::other(fault)
    }
}
