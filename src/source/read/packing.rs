//! Makes archives for tests, sound and odd ones.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// A way to compress.
#[derive(Debug, Clone, Copy)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

impl Packing {
    pub(super) const ALL: [Self; 4] = [Self::Gzip, Self::Zstd, Self::Bzip2, Self::Xz];
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    pack(Packing::Gzip, bytes)
}

pub(super) fn pack(packing: Packing, bytes: &[u8]) -> Vec<u8> {
    repeated(packing, bytes, 1)
}

/// Bytes packed that many times over, in one stream.
pub(super) fn repeated(packing: Packing, bytes: &[u8], times: usize) -> Vec<u8> {
    let mut writer = writer(packing);
    for _ in 0..times {
        writer.write_all(bytes).expect("writing to memory works");
    }
    writer.finish()
}

trait Finish: Write {
    fn finish(self: Box<Self>) -> Vec<u8>;
}

macro_rules! finish {
    ($($kind:ty),*) => {$(
        impl Finish for $kind {
            fn finish(self: Box<Self>) -> Vec<u8> {
                (*self).finish().expect("writing to memory works")
            }
        }
    )*};
}

finish!(
    flate2::write::GzEncoder<Vec<u8>>,
    zstd::stream::write::Encoder<'_, Vec<u8>>,
    bzip2::write::BzEncoder<Vec<u8>>,
    lzma_rust2::XzWriter<Vec<u8>>
);

fn writer(packing: Packing) -> Box<dyn Finish> {
    let options = lzma_rust2::XzOptions::with_preset(0);
    match packing {
        Packing::Gzip => {
            Box::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()))
        }
        Packing::Zstd => {
            Box::new(zstd::stream::write::Encoder::new(Vec::new(), 1).expect("level 1 exists"))
        }
        Packing::Bzip2 => {
            Box::new(bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast()))
        }
        Packing::Xz => Box::new(
            lzma_rust2::XzWriter::new(Vec::new(), options).expect("the options are allowed"),
        ),
    }
}

pub(super) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = header(tar::EntryType::Regular, bytes.len() as u64);
        if name.len() > 100 {
            builder.append_data(&mut header, name, *bytes).expect("writing to memory works");
        } else {
            // The crate refuses hostile names, so they are put in place by hand.
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *bytes).expect("writing to memory works");
        }
    }
    builder.into_inner().expect("writing to memory works")
}

fn header(kind: tar::EntryType, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_mtime(1_675_000_000);
    header
}

/// A link, a pipe, an old GNU sparse member with a map of two blocks, then a file.
pub(super) fn odd_tar() -> Vec<u8> {
    let mut archive = Vec::new();
    let mut add = |kind, name: &str, size, data: &[u8]| {
        let mut header = header(kind, size);
        header.set_path(name).expect("the name is short");
        if kind == tar::EntryType::GNUSparse {
            header.as_gnu_mut().expect("it is a GNU header").set_is_extended(true);
        }
        header.set_cksum();
        archive.extend_from_slice(header.as_bytes());
        archive.extend_from_slice(data);
        archive.resize(archive.len().next_multiple_of(512), 0);
    };
    let mut map = [0; 1024 + 4];
    map[504] = 1;
    add(tar::EntryType::Link, "link", 4, b"");
    add(tar::EntryType::Fifo, "pipe", 0, b"");
    add(tar::EntryType::GNUSparse, "sparse", 4, &map);
    add(tar::EntryType::Regular, "after.log", 4, b"one\n");
    archive.resize(archive.len() + 1024, 0);
    archive
}

pub(super) fn pax_tar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    builder
        .append_pax_extensions([("path", name.as_bytes()), ("mtime", b"1675000000.5")])
        .expect("writing to memory works");
    let mut header = header(tar::EntryType::Regular, bytes.len() as u64);
    header.set_path("short").expect("the name is short");
    header.set_cksum();
    builder.append(&header, bytes).expect("writing to memory works");
    builder.into_inner().expect("writing to memory works")
}

pub(super) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let with_methods =
        members.iter().map(|(name, bytes)| (*name, *bytes, CompressionMethod::Deflated));
    zip_with(with_methods)
}

fn zip_with<'a>(members: impl Iterator<Item = (&'a str, &'a [u8], CompressionMethod)>) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes, method) in members {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(name, options).expect("writing to memory works");
        writer.write_all(bytes).expect("writing to memory works");
    }
    writer.finish().expect("writing to memory works").into_inner()
}

/// A zip as written to a pipe: sizes follow the data.
pub(super) fn streamed_zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new_stream(Vec::new());
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).expect("writing to memory works");
        writer.write_all(bytes).expect("writing to memory works");
    }
    writer.finish().expect("writing to memory works").into_inner()
}

pub(super) fn stored_zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    zip_with([(name, bytes, CompressionMethod::Stored)].into_iter())
}

pub(super) fn zip_of_all_methods(bytes: &[u8]) -> Vec<u8> {
    zip_with(
        [
            ("stored", bytes, CompressionMethod::Stored),
            ("deflated", bytes, CompressionMethod::Deflated),
            ("bzip2", bytes, CompressionMethod::Bzip2),
            ("zstd", bytes, CompressionMethod::Zstd),
            ("xz", bytes, CompressionMethod::Xz),
        ]
        .into_iter(),
    )
}

/// What to do to a member of a zip.
#[derive(Clone, Copy)]
pub(super) enum Patch {
    Encrypted,
    UnknownMethod,
}

/// Changes the directory's and the member's own header.
pub(super) fn patch_zip(archive: &mut [u8], name: &str, patch: Patch) {
    let (in_own, in_directory, value) = match patch {
        Patch::Encrypted => (6, 8, 1),
        Patch::UnknownMethod => (8, 10, 97),
    };
    let places: Vec<usize> = archive
        .windows(name.len())
        .enumerate()
        .filter_map(|(at, bytes)| (bytes == name.as_bytes()).then_some(at))
        .collect();
    for at in places {
        for (header, length, field) in
            [(b"PK\x03\x04", 30, in_own), (b"PK\x01\x02", 46, in_directory)]
        {
            if at >= length && archive[at - length..].starts_with(header) {
                archive[at - length + field] = value;
            }
        }
    }
}

/// A zip whose directory names one member twice.
pub(super) fn overlapping_zip(bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip(&[("a.log", bytes), ("b.log", b"two\n")]);
    // The second entry of the directory is pointed at the first member.
    let entries: Vec<usize> = archive
        .windows(4)
        .enumerate()
        .filter_map(|(at, bytes)| (bytes == b"PK\x01\x02").then_some(at))
        .collect();
    archive[entries[1] + 42..entries[1] + 46].copy_from_slice(&[0; 4]);
    archive
}

/// Text that no method packs well.
pub(super) fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if state >> 26 == 0 { b'\n' } else { b' ' + (state >> 25) as u8 % 90 }
    })
    .take(length)
    .collect()
}
