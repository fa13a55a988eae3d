#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| skerry_fuzz::cell_frame_to(data));
