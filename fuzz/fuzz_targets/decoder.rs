#![no_main]
//! See `logloom_fuzz::decoder`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logloom_fuzz::decoder(bytes));
