//! The functions of Node's modules that are not JavaScript, made together when the first module is loaded. As ops they would be in the heap
//! of every isolate.

use deno_core::{op2, v8};

use super::script::MODULES;
use super::{bytes, domains, objects};

/// What V8 hands to a native, which answers or throws through it.
pub(super) struct Call<'c, 's, 'i> {
    pub scope: &'c mut v8::PinScope<'s, 'i>,
    pub args: v8::FunctionCallbackArguments<'s>,
    pub result: v8::ReturnValue<'s, v8::Value>,
}

/// Its JavaScript checks arguments: who is told this got around that.
const NOT_BYTES: &str = "The argument must be a Buffer, TypedArray or DataView";

/// An array of at most so many bytes has none outside of V8's heap.
const SMALL: usize = v8::TYPED_ARRAY_MAX_SIZE_IN_HEAP;

impl Call<'_, '_, '_> {
    /// The bytes of an argument are those that it has now: nothing of a worker's runs while they are read.
    pub fn with_bytes<T>(&mut self, place: i32, read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let Ok(view) = v8::Local::<v8::ArrayBufferView>::try_from(self.args.get(place)) else {
            self.throw_type_error(NOT_BYTES);
            return None;
        };
        Some(read(view.get_contents(&mut [0; SMALL])))
    }

    pub fn with_two<T>(&mut self, read: impl FnOnce(&[u8], &[u8]) -> T) -> Option<T> {
        let other = v8::Local::<v8::ArrayBufferView>::try_from(self.args.get(1));
        let Ok(other) = other else {
            self.throw_type_error(NOT_BYTES);
            return None;
        };
        self.with_bytes(0, |bytes| read(bytes, other.get_contents(&mut [0; SMALL])))
    }

    /// The whole number that an argument is, cut to what memory can have: nothing else is converted, as that runs code of the worker.
    pub fn index(&self, place: i32) -> usize {
        let number = v8::Local::<v8::Number>::try_from(self.args.get(place)).map_or(0.0, |number| number.value());
        // A negative one and none at all are 0.
        number as usize
    }

    /// None where it is longer.
    pub fn text(&mut self, place: i32, length_max: usize) -> Option<String> {
        let Ok(text) = v8::Local::<v8::String>::try_from(self.args.get(place)) else { return Some(String::new()) };
        (text.length() <= length_max).then(|| text.to_rust_string_lossy(self.scope))
    }

    pub fn answer_text(&mut self, text: &str) {
        match v8::String::new(self.scope, text) {
            Some(text) => self.result.set(text.into()),
            None => self.throw_too_long(),
        }
    }

    pub fn answer_bytes(&mut self, bytes: Vec<u8>) {
        let length = bytes.len();
        let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes).make_shared();
        let buffer = v8::ArrayBuffer::with_backing_store(self.scope, &store);
        if let Some(array) = v8::Uint8Array::new(self.scope, buffer, 0, length) {
            self.result.set(array.into());
        }
    }

    pub fn throw_type_error(&mut self, message: &str) {
        self.throw(message, None, v8::Exception::type_error);
    }

    pub fn throw_range_error(&mut self, message: &str) {
        self.throw(message, None, v8::Exception::range_error);
    }

    pub fn throw_too_long(&mut self) {
        let message = format!("Cannot create a string longer than 0x{:x} characters", v8::String::MAX_LENGTH);
        self.throw(&message, Some("ERR_STRING_TOO_LONG"), v8::Exception::error);
    }

    fn throw(
        &mut self,
        message: &str,
        code: Option<&str>,
        make: for<'s> fn(&v8::PinScope<'s, '_>, v8::Local<'s, v8::String>) -> v8::Local<'s, v8::Value>,
    ) {
        let Some(message) = v8::String::new(self.scope, message) else { return };
        let error = make(self.scope, message);
        if let (Some(code), Ok(object)) = (code, v8::Local::<v8::Object>::try_from(error))
            && let (Some(key), Some(code)) = (v8::String::new(self.scope, "code"), v8::String::new(self.scope, code))
        {
            object.create_data_property(self.scope, key.into(), code.into());
        }
        self.scope.throw_exception(error);
    }
}

macro_rules! natives {
    ($($name:literal => $native:path),* $(,)?) => {
        fn add_all<'s>(scope: &mut v8::PinScope<'s, '_>, natives: v8::Local<'s, v8::Object>) -> Option<()> {
            $({
                fn native<'s, 'i>(
                    scope: &mut v8::PinScope<'s, 'i>,
                    args: v8::FunctionCallbackArguments<'s>,
                    result: v8::ReturnValue<'s, v8::Value>,
                ) {
                    $native(&mut Call { scope, args, result });
                }
                let function = v8::Function::builder(native).build(scope)?;
                let name = v8::String::new(scope, $name)?;
                // Should worker code ever come to hold one, the specs see what it is.
                function.set_name(name);
                natives.create_data_property(scope, name.into(), function.into())?;
            })*
            Some(())
        }
    };
}

natives! {
    "op_is_ascii" => bytes::is_ascii,
    "op_is_utf8" => bytes::is_utf8,
    "op_node_buffer_compare" => bytes::compare,
    "op_node_buffer_compare_offset" => bytes::compare_parts,
    "op_node_encoding_slice" => bytes::decode,
    "op_transcode" => bytes::transcode,
    "op_node_idna_domain_to_ascii" => domains::url_to_ascii,
    "op_node_idna_domain_to_unicode" => domains::to_unicode,
    "op_node_idna_punycode_decode" => domains::punycode_decode,
    "op_node_idna_punycode_encode" => domains::punycode_encode,
    "op_node_idna_punycode_to_ascii" => domains::labels_to_ascii,
    "op_node_idna_punycode_to_unicode" => domains::labels_to_unicode,
    "op_node_idna_to_ascii" => domains::to_ascii,
    "op_node_get_own_non_index_properties" => objects::own_non_index_properties,
    "op_node_view_has_buffer" => objects::view_has_buffer,
}

/// An object that holds all natives by name, and the names of the modules.
#[op2]
pub fn op_node_natives<'s>(scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Object>> {
    let null = v8::null(scope).into();
    let natives = v8::Object::with_prototype_and_properties(scope, null, &[], &[]);
    add_all(scope, natives)?;
    let mut names = Vec::with_capacity(MODULES.len());
    for name in MODULES {
        names.push(v8::String::new(scope, name)?.into());
    }
    let names = v8::Array::new_with_elements(scope, &names);
    let key = v8::String::new(scope, "modules")?;
    natives.create_data_property(scope, key.into(), names.into())?;
    Some(natives)
}
