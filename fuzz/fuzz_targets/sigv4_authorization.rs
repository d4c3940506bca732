#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rostrum_fuzz::sigv4::sigv4_authorization(data));
