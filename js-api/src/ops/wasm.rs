//! What the WebAssembly memories of an isolate take: V8 does not say.

use deno_core::{OpState, op2, v8};

/// Memories that worker code made or was given; those that are gone are forgotten as they are counted.
#[derive(Default)]
pub(crate) struct WasmMemories(Vec<v8::Weak<v8::Object>>);

#[op2(fast)]
pub fn op_wasm_watch(scope: &mut v8::PinScope<'_, '_>, state: &mut OpState, memory: v8::Local<v8::Object>) {
    let memory = v8::Weak::new(scope, memory);
    state.borrow_mut::<WasmMemories>().0.push(memory);
}

/// Bytes of all memories together. With `collect` those that nobody needs are collected first.
#[op2(fast, reentrant)]
pub fn op_wasm_bytes(scope: &mut v8::PinScope<'_, '_>, buffer_of: v8::Local<v8::Function>, collect: bool) -> f64 {
    if collect {
        scope.low_memory_notification();
    }
    let op_state = deno_core::JsRuntime::op_state_from(scope);
    let watched = std::mem::take(&mut op_state.borrow_mut().borrow_mut::<WasmMemories>().0);
    let mut bytes = 0;
    let mut alive = Vec::with_capacity(watched.len());
    for weak in watched {
        // A scope for each: what is looked at must not be kept alive by it.
        v8::scope!(let scope, scope);
        let Some(memory) = weak.to_local(scope) else { continue };
        let buffer = buffer_of.call(scope, memory.into(), &[]);
        bytes += buffer
            .and_then(|buffer| v8::Local::<v8::ArrayBuffer>::try_from(buffer).ok())
            .map_or(0, |buffer| buffer.byte_length());
        alive.push(weak);
    }
    op_state.borrow_mut().borrow_mut::<WasmMemories>().0.append(&mut alive);
    bytes as f64
}
