//! The serializer behind `structuredClone()` and `postMessage()`. These ops stand in for deno_core's of the same shapes, which let
//! worker code end the process: any object can carry the symbol that marks a host object, and what it then claims to be was
//! believed. Here a claim that does not hold is a DataCloneError, and a refused call moves no buffer.

use deno_core::convert::Uint8Array;
use deno_core::v8::{self, ValueDeserializerHelper, ValueSerializerHelper};
use deno_core::{JsBuffer, JsRuntime, op2};
use deno_error::JsErrorBox;
use rustc_hash::FxHashMap;

/// Marks objects that V8 cannot clone by itself: a function there gives a plain object to clone instead, whose `type` names
/// what to make of it; anything else is refused unless it is transferred.
const HOST_OBJECT_BRAND: &str = "Deno.core.hostObject";
/// Stands before the plain object of a host object, where a transferred one has its place in the list.
const CLONED: u32 = u32::MAX;

/// The memory of buffers that have left one ArrayBuffer and are not yet in another.
#[derive(Default)]
pub(crate) struct BuffersInTransit {
    last_id: u32,
    stores: FxHashMap<u32, v8::SharedRef<v8::BackingStore>>,
}

fn data_clone_error(message: impl Into<String>) -> JsErrorBox {
    JsErrorBox::new("DOMExceptionDataCloneError", message.into())
}

fn with_buffers_in_transit<T>(scope: &v8::Isolate, use_them: impl FnOnce(&mut BuffersInTransit) -> T) -> T {
    let state = JsRuntime::op_state_from(scope);
    let mut state = state.borrow_mut();
    use_them(state.borrow_mut::<BuffersInTransit>())
}

fn array(value: Option<v8::Local<'_, v8::Value>>) -> Result<Option<v8::Local<'_, v8::Array>>, JsErrorBox> {
    value.map(v8::Local::<v8::Array>::try_from).transpose().map_err(|_| JsErrorBox::type_error("not an array"))
}

struct Serializer<'a> {
    transferred: Option<v8::Local<'a, v8::Array>>,
    on_refusal: Option<v8::Local<'a, v8::Function>>,
    brand: v8::Local<'a, v8::Name>,
    /// What is written is to last: nothing that only this version of the platform reads.
    is_for_storage: bool,
}

impl Serializer<'_> {
    fn refuse<'s>(&self, scope: &mut v8::PinScope<'s, '_>, what: &str) {
        if let Some(message) = v8::String::new(scope, &format!("{what} could not be cloned.")) {
            v8::ValueSerializerImpl::throw_data_clone_error(self, scope, message);
        }
    }
}

impl v8::ValueSerializerImpl for Serializer<'_> {
    fn throw_data_clone_error<'s>(&self, scope: &mut v8::PinScope<'s, '_>, message: v8::Local<'s, v8::String>) {
        if let Some(on_refusal) = self.on_refusal {
            v8::tc_scope!(let scope, scope);
            let receiver = v8::undefined(scope).into();
            on_refusal.call(scope, receiver, &[message.into()]);
            if scope.has_caught() || scope.has_terminated() {
                scope.rethrow();
                return;
            }
        }
        let error = v8::Exception::type_error(scope, message);
        scope.throw_exception(error);
    }

    fn has_custom_host_object(&self, _isolate: &v8::Isolate) -> bool {
        true
    }

    fn is_host_object<'s>(&self, scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<bool> {
        object.has(scope, self.brand.into())
    }

    fn write_host_object<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        serializer: &dyn ValueSerializerHelper,
    ) -> Option<bool> {
        let brand = object.get(scope, self.brand.into())?;
        if let Ok(to_plain) = v8::Local::<v8::Function>::try_from(brand)
            && !self.is_for_storage
        {
            let plain = to_plain.call(scope, object.into(), &[])?;
            serializer.write_uint32(CLONED);
            return serializer.write_value(scope.get_current_context(), plain);
        }
        if let Some(transferred) = self.transferred {
            for index in 0..transferred.length() {
                if transferred.get_index(scope, index)? == object {
                    serializer.write_uint32(index);
                    return Some(true);
                }
            }
        }
        let name = object.get_constructor_name().to_rust_string_lossy(scope);
        self.refuse(scope, &format!("#<{name}>"));
        None
    }

    fn get_shared_array_buffer_id<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        _buffer: v8::Local<'s, v8::SharedArrayBuffer>,
    ) -> Option<u32> {
        self.refuse(scope, "#<SharedArrayBuffer>");
        None
    }

    fn get_wasm_module_transfer_id(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        _module: v8::Local<v8::WasmModuleObject>,
    ) -> Option<u32> {
        self.refuse(scope, "#<WebAssembly.Module>");
        None
    }
}

struct Deserializer<'a> {
    transferred: Option<v8::Local<'a, v8::Array>>,
    /// By `type`: functions that make the clone of a host object from its plain object.
    makers: Option<v8::Local<'a, v8::Object>>,
}

impl Deserializer<'_> {
    /// While V8 deserializes, calling into JavaScript ends the process: nothing here may meet a getter or a conversion.
    fn host_object<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        deserializer: &dyn ValueDeserializerHelper,
    ) -> Option<v8::Local<'s, v8::Object>> {
        let mut place = 0;
        if !deserializer.read_uint32(&mut place) {
            return None;
        }
        if place != CLONED {
            return self.transferred?.get_index(scope, place)?.try_into().ok();
        }
        let plain = deserializer.read_value(scope.get_current_context())?;
        let object = v8::Local::<v8::Object>::try_from(plain).ok()?;
        let key = v8::String::new(scope, "type")?;
        if !object.has_own_property(scope, key.into())? {
            return None;
        }
        let kind = v8::Local::<v8::String>::try_from(object.get(scope, key.into())?).ok()?;
        let makers = self.makers?;
        if !makers.has_own_property(scope, kind.into())? {
            return None;
        }
        let make = v8::Local::<v8::Function>::try_from(makers.get(scope, kind.into())?).ok()?;
        let receiver = v8::null(scope).into();
        let scope = std::pin::pin!(v8::AllowJavascriptExecutionScope::new(scope));
        let scope = &mut scope.init();
        make.call(scope, receiver, &[plain])?.try_into().ok()
    }
}

impl v8::ValueDeserializerImpl for Deserializer<'_> {
    fn read_host_object<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        deserializer: &dyn ValueDeserializerHelper,
    ) -> Option<v8::Local<'s, v8::Object>> {
        // None: the value as a whole cannot be read.
        self.host_object(scope, deserializer)
    }
}

fn serialize<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
    transferred: Option<v8::Local<'s, v8::Array>>,
    buffers: Option<v8::Local<'s, v8::Array>>,
    on_refusal: Option<v8::Local<'s, v8::Function>>,
    is_for_storage: bool,
) -> Result<Vec<u8>, JsErrorBox> {
    let brand = v8::String::new(scope, HOST_OBJECT_BRAND).ok_or_else(|| data_clone_error("out of memory"))?;
    let brand = v8::Symbol::for_key(scope, brand).into();
    let serializer = v8::ValueSerializer::new(scope, Box::new(Serializer { transferred, on_refusal, brand, is_for_storage }));
    serializer.write_header();

    let mut leaving = Vec::new();
    for index in 0..buffers.map_or(0, |buffers| buffers.length()) {
        let buffer = buffers.and_then(|buffers| buffers.get_index(scope, index));
        let buffer = buffer
            .and_then(|buffer| v8::Local::<v8::ArrayBuffer>::try_from(buffer).ok())
            .filter(|buffer| buffer.is_detachable() && !buffer.was_detached())
            .ok_or_else(|| data_clone_error(format!("The ArrayBuffer at index {index} cannot be transferred")))?;
        let id = with_buffers_in_transit(scope, |transit| {
            transit.last_id = transit.last_id.wrapping_add(1);
            transit.last_id
        });
        serializer.transfer_array_buffer(id, buffer);
        leaving.push((id, buffer));
    }

    v8::tc_scope!(let scope, scope);
    let written = serializer.write_value(scope.get_current_context(), value);
    if scope.has_caught() || scope.has_terminated() {
        scope.rethrow();
        // The exception is what the caller sees.
        return Ok(Vec::new());
    }
    if written != Some(true) {
        return Err(data_clone_error("The value could not be cloned"));
    }
    // A getter may have moved a buffer while the value was read.
    if leaving.iter().any(|(_, buffer)| buffer.was_detached()) {
        return Err(data_clone_error("An ArrayBuffer to transfer was detached meanwhile"));
    }
    if let Some(buffers) = buffers {
        for (index, (id, buffer)) in (0..).zip(leaving) {
            let store = buffer.get_backing_store();
            // One that is marked as its owner's alone would stay, with the same memory.
            if buffer.detach(None) != Some(true) {
                return Err(data_clone_error("An ArrayBuffer to transfer cannot be detached"));
            }
            with_buffers_in_transit(scope, |transit| transit.stores.insert(id, store));
            let id = v8::Integer::new_from_unsigned(scope, id).into();
            buffers.set_index(scope, index, id);
        }
    }
    Ok(serializer.release())
}

fn deserialize<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    bytes: &[u8],
    transferred: Option<v8::Local<'s, v8::Array>>,
    buffers: Option<v8::Local<'s, v8::Array>>,
    makers: Option<v8::Local<'s, v8::Object>>,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let deserializer = v8::ValueDeserializer::new(scope, Box::new(Deserializer { transferred, makers }), bytes);
    if deserializer.read_header(scope.get_current_context()) != Some(true) {
        return Err(data_clone_error("The value could not be read"));
    }
    if let Some(buffers) = buffers {
        for index in 0..buffers.length() {
            let id = buffers.get_index(scope, index).and_then(|id| id.uint32_value(scope)).unwrap_or_default();
            let store = with_buffers_in_transit(scope, |transit| transit.stores.remove(&id))
                .ok_or_else(|| data_clone_error("A transferred ArrayBuffer is not there any more"))?;
            let buffer = v8::ArrayBuffer::with_backing_store(scope, &store);
            deserializer.transfer_array_buffer(id, buffer);
            buffers.set_index(scope, index, buffer.into());
        }
    }
    deserializer.read_value(scope.get_current_context()).ok_or_else(|| data_clone_error("The value could not be read"))
}

/// A value as it is stored. Nothing where an exception is on its way.
pub(crate) fn to_stored<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
    on_refusal: v8::Local<'s, v8::Function>,
) -> Result<Option<Vec<u8>>, JsErrorBox> {
    let bytes = serialize(scope, value, None, None, Some(on_refusal), true)?;
    Ok((!bytes.is_empty()).then_some(bytes))
}

/// What was stored.
pub(crate) fn from_stored<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    deserialize(scope, bytes, None, None, None)
}

/// Stands in for `op_serialize`. `buffers` holds ArrayBuffers and, after a success, their ids.
#[op2(reentrant)]
pub fn op_clone_serialize<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    value: v8::Local<'s, v8::Value>,
    transferred: Option<v8::Local<'s, v8::Value>>,
    buffers: Option<v8::Local<'s, v8::Value>>,
    _for_storage: bool,
    on_refusal: Option<v8::Local<'s, v8::Value>>,
) -> Result<Uint8Array, JsErrorBox> {
    let on_refusal =
        on_refusal.map(v8::Local::<v8::Function>::try_from).transpose().map_err(|_| JsErrorBox::type_error("not a function"))?;
    serialize(scope, value, array(transferred)?, array(buffers)?, on_refusal, false).map(Into::into)
}

/// Stands in for `op_deserialize`. `buffers` holds ids and, afterwards, the new ArrayBuffers.
#[op2(reentrant)]
pub fn op_clone_deserialize<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    #[buffer] bytes: JsBuffer,
    transferred: Option<v8::Local<'s, v8::Value>>,
    buffers: Option<v8::Local<'s, v8::Value>>,
    makers: Option<v8::Local<'s, v8::Value>>,
    _for_storage: bool,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let makers =
        makers.map(v8::Local::<v8::Object>::try_from).transpose().map_err(|_| JsErrorBox::type_error("not an object"))?;
    deserialize(scope, &bytes, array(transferred)?, array(buffers)?, makers)
}

/// Stands in for `op_structured_clone`: both at once, with nothing transferred.
#[op2(reentrant)]
pub fn op_clone_value<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    value: v8::Local<'s, v8::Value>,
    makers: Option<v8::Local<'s, v8::Object>>,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let bytes = serialize(scope, value, None, None, None, false)?;
    if bytes.is_empty() {
        // The exception is what the caller sees.
        return Ok(v8::undefined(scope).into());
    }
    deserialize(scope, &bytes, None, None, makers)
}
