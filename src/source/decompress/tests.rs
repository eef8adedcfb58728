use std::io::Write;

use super::*;

pub(super) fn pack(method: Method, bytes: &[u8]) -> Vec<u8> {
    let written = match method {
        Method::Gzip => {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).and_then(|()| encoder.finish())
        }
        Method::Zstd => zstd::stream::write::Encoder::new(Vec::new(), 1).and_then(|mut encoder| {
            // As the zstd command does.
            encoder.include_checksum(true)?;
            encoder.write_all(bytes)?;
            encoder.finish()
        }),
        Method::Bzip2 => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            encoder.write_all(bytes).and_then(|()| encoder.finish())
        }
        Method::Xz => {
            let options = lzma_rust2::XzOptions::with_preset(1);
            lzma_rust2::XzWriter::new(Vec::new(), options).and_then(|mut encoder| {
                encoder.write_all(bytes)?;
                encoder.finish()
            })
        }
    };
    written.expect("writing to memory works")
}

const METHODS: [Method; 4] = [Method::Gzip, Method::Zstd, Method::Bzip2, Method::Xz];

/// What comes out, and the text of the error if one does.
fn unpacked(method: Method, bytes: &[u8]) -> (Vec<u8>, Option<String>) {
    let mut out = Vec::new();
    let result = unpack(method, bytes, &Rc::default())
        .and_then(|mut decoder| decoder.read_to_end(&mut out).map(drop));
    (out, result.err().map(|error| error.to_string()))
}

#[track_caller]
fn check(method: Method, packed: &[u8], expected: &[u8], expected_error: Option<&str>) {
    let (out, error) = unpacked(method, packed);
    assert_eq!(out.len(), expected.len(), "{method:?}: {error:?}");
    assert!(out == expected, "{method:?}");
    match (expected_error, error) {
        (None, None) => {}
        (Some(part), Some(error)) if error.contains(part) => {}
        (expected, error) => panic!("{method:?}: {error:?} instead of {expected:?}"),
    }
}

/// Text that does not repeat much, so that blocks are of a natural size.
fn text(lines: u32) -> Vec<u8> {
    let mut state = 7_u32;
    let line = |number| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        format!("{number} request {state:08x} took {} ms\n", state >> 20)
    };
    (0..lines).map(line).collect::<String>().into_bytes()
}

#[test]
fn every_method_gives_back_what_was_packed() {
    for method in METHODS {
        for lines in [0, 1, 50_000] {
            check(method, &pack(method, &text(lines)), &text(lines), None);
        }
    }
}

#[test]
fn several_members_are_one_stream() {
    for method in METHODS {
        let packed = [pack(method, b"one\n"), pack(method, b""), pack(method, b"two\n")].concat();
        check(method, &packed, b"one\ntwo\n", None);
    }
}

#[test]
fn padding_after_gzip_is_passed_over_and_garbage_is_not() {
    let packed = pack(Method::Gzip, b"one\n");
    check(Method::Gzip, &[&*packed, &[0; 9000]].concat(), b"one\n", None);
    check(Method::Gzip, &[&*packed, b"garbage"].concat(), b"one\n", Some("damaged"));
}

#[test]
fn a_stream_cut_off_anywhere_gives_its_beginning_and_says_so() {
    let whole = text(60);
    for method in METHODS {
        let packed = pack(method, &whole);
        for end in 1..packed.len() {
            let (out, error) = unpacked(method, &packed[..end]);
            assert!(whole.starts_with(&out), "{method:?} cut at {end}");
            let error = error.unwrap_or_else(|| panic!("{method:?} cut at {end}: no error"));
            assert!(error.contains("ends too early"), "{method:?} cut at {end}: {error}");
        }
    }
}

#[test]
fn what_reaches_before_the_cut_is_decoded() {
    let whole = text(60_000);
    for method in METHODS {
        let packed = pack(method, &whole);
        let (out, _) = unpacked(method, &packed[..packed.len() / 2]);
        // bzip2 decodes in blocks of 100 kB at its fastest level, zstd in blocks of 128 KiB.
        let least = whole.len() / 2 - whole.len() / 8;
        assert!(out.len() >= least, "{method:?}: {} of {}", out.len(), whole.len());
    }
}

#[test]
fn damage_is_noticed() {
    let whole = text(600);
    for method in METHODS {
        let mut packed = pack(method, &whole);
        let middle = packed.len() / 2;
        packed[middle] ^= 0x55;
        let (_, error) = unpacked(method, &packed);
        assert!(error.is_some_and(|error| error.contains("copy the file again")), "{method:?}");
    }
}

#[test]
fn a_zstd_frame_with_a_window_of_a_gigabyte_is_refused() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("level 1 exists");
    encoder.window_log(30).expect("the window is allowed");
    encoder.write_all(b"one\n").expect("writing to memory works");
    let packed = encoder.finish().expect("writing to memory works");
    check(Method::Zstd, &packed, b"", Some("memory"));
}

#[test]
fn an_xz_block_with_a_dictionary_of_a_gigabyte_is_refused() {
    let mut options = lzma_rust2::XzOptions::with_preset(1);
    options.lzma_options.dict_size = 1 << 20;
    let writer = lzma_rust2::XzWriter::new(Vec::new(), options);
    let mut writer = writer.expect("the options are allowed");
    writer.write_all(b"one\n").expect("writing to memory works");
    let mut packed = writer.finish().expect("writing to memory works");
    // Byte 16 of the file is the dictionary's size code: 36 means 1 GiB. The header's
    // checksum follows at byte 20.
    assert_eq!(packed[14..16], [0x21, 1], "the filter is LZMA2 with one byte of properties");
    packed[16] = 36;
    let mut crc = flate2::Crc::new();
    crc.update(&packed[12..20]);
    packed[20..24].copy_from_slice(&crc.sum().to_le_bytes());
    check(Method::Xz, &packed, b"", Some("memory"));
}
