#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rostrum_fuzz::chat::chat_frame(data));
