use deno_core::{op2, v8};

/// The native memory that V8 knows of: ArrayBuffers, WebAssembly memories. With `collect` what nobody needs is collected first.
#[op2(fast, reentrant)]
pub fn op_native_bytes(scope: &mut v8::PinScope<'_, '_>, collect: bool) -> f64 {
    if collect {
        scope.low_memory_notification();
    }
    scope.adjust_amount_of_external_allocated_memory(0) as f64
}
