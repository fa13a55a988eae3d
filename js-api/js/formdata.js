// Where deno_fetch's FormData departs from the standards: multipart bodies have a parser of our own (`src/multipart.rs`), and a
// file name can be given for a Blob only.

import { core, primordials } from "ext:core/mod.js";
import { op_multipart_parse } from "ext:core/ops";

const {
  FunctionPrototypeApply,
  FunctionPrototypeCall,
  MapPrototypeGet,
  ObjectDefineProperty,
  ObjectPrototypeIsPrototypeOf,
  TypedArrayPrototypeSubarray,
  TypeError,
} = primordials;

const { FormDataPrototype, formDataFromEntries } = core.loadExtScript("ext:deno_fetch/21_formdata.js");
const { getDecodeSplitHeader } = core.loadExtScript("ext:deno_fetch/20_headers.js");
const { BlobPrototype, File } = core.loadExtScript("ext:deno_web/09_file.js");
const { essence, extractMimeType } = core.loadExtScript("ext:deno_web/01_mimesniff.js");

/** The boundary that a content type gives; none where a body is no multipart form. */
function boundaryOf(headerList) {
  const mimeType = extractMimeType(getDecodeSplitHeader(headerList, "Content-Type"));
  if (mimeType === null || essence(mimeType) !== "multipart/form-data") {
    return undefined;
  }
  return MapPrototypeGet(mimeType.parameters, "boundary");
}

function parseMultipart(body, boundary) {
  const flat = op_multipart_parse(body, boundary);
  const entries = [];
  for (let i = 0; i < flat.length; i += 5) {
    const fileName = flat[i + 1];
    const value = fileName === null
      ? flat[i + 2]
      : new File([TypedArrayPrototypeSubarray(body, flat[i + 3], flat[i + 4])], fileName, { __proto__: null, type: flat[i + 2] });
    entries[i / 5] = { name: flat[i], value };
  }
  return formDataFromEntries(entries);
}

/** Gives a prototype with the mixin Body a `formData()` with our parser. */
function replaceFormData(prototype, headerListOf) {
  const { bytes, formData: readOtherForm } = prototype;
  const { formData } = {
    async formData() {
      const boundary = boundaryOf(headerListOf(this));
      if (boundary === undefined || boundary === "") {
        return await FunctionPrototypeCall(readOtherForm, this);
      }
      return parseMultipart(await FunctionPrototypeCall(bytes, this), boundary);
    },
  };
  ObjectDefineProperty(prototype, "formData", {
    __proto__: null,
    configurable: true,
    enumerable: true,
    value: formData,
    writable: true,
  });
}

const { append, set } = FormDataPrototype;

function refuseNameWithoutBlob(value, fileName) {
  if (fileName !== undefined && !ObjectPrototypeIsPrototypeOf(BlobPrototype, value)) {
    throw new TypeError("A file name can be given for a Blob only");
  }
}

const checked = {
  append(_name, value) {
    refuseNameWithoutBlob(value, arguments[2]);
    FunctionPrototypeApply(append, this, arguments);
  },
  set(_name, value) {
    refuseNameWithoutBlob(value, arguments[2]);
    FunctionPrototypeApply(set, this, arguments);
  },
};

for (const name in checked) {
  ObjectDefineProperty(FormDataPrototype, name, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    value: checked[name],
    writable: true,
  });
}

export { replaceFormData };
