// Copyright 2018-2026 the Deno authors. MIT license.
// Copyright Joyent, Inc. and other Node contributors.
//
// Permission is hereby granted, free of charge, to any person obtaining a
// copy of this software and associated documentation files (the
// "Software"), to deal in the Software without restriction, including
// without limitation the rights to use, copy, modify, merge, publish,
// distribute, sublicense, and/or sell copies of the Software, and to permit
// persons to whom the Software is furnished to do so, subject to the
// following conditions:
//
// The above copyright notice and this permission notice shall be included
// in all copies or substantial portions of the Software.
//
// THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS
// OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
// MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
// NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
// DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
// OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE
// USE OR OTHER DEALINGS IN THE SOFTWARE.

// Copyright Mathias Bynens <https://mathiasbynens.be/>

// Permission is hereby granted, free of charge, to any person obtaining
// a copy of this software and associated documentation files (the
// "Software"), to deal in the Software without restriction, including
// without limitation the rights to use, copy, modify, merge, publish,
// distribute, sublicense, and/or sell copies of the Software, and to
// permit persons to whom the Software is furnished to do so, subject to
// the following conditions:

// The above copyright notice and this permission notice shall be
// included in all copies or substantial portions of the Software.

// THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND,
// EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
// MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
// NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
// LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION
// OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION
// WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"use strict";
return (function() {
  "use strict";
  const { core, primordials } = __bootstrap;
  const {
    op_node_idna_to_ascii,
    op_node_idna_domain_to_ascii,
    op_node_idna_domain_to_unicode
  } = core.ops;
  const {
    ArrayPrototypePush,
    SafeArrayIterator,
    StringFromCodePoint,
    StringPrototypeCharCodeAt
  } = primordials;
  function ucs2decode(str) {
    const output = [];
    let counter = 0;
    const length = str.length;
    while (counter < length) {
      const value = StringPrototypeCharCodeAt(str, counter++);
      if (value >= 55296 && value <= 56319 && counter < length) {
        const extra = StringPrototypeCharCodeAt(str, counter++);
        if ((extra & 64512) == 56320) {
          ArrayPrototypePush(
            output,
            ((value & 1023) << 10) + (extra & 1023) + 65536
          );
        } else {
          ArrayPrototypePush(output, value);
          counter--;
        }
      } else {
        ArrayPrototypePush(output, value);
      }
    }
    return output;
  }
  function ucs2encode(array) {
    return StringFromCodePoint(...new SafeArrayIterator(array));
  }
  const ucs2 = {
    decode: ucs2decode,
    encode: ucs2encode
  };
  function toASCII(domain) {
    return op_node_idna_to_ascii(domain);
  }
  function domainToASCII(domain) {
    return op_node_idna_domain_to_ascii(domain);
  }
  function domainToUnicode(domain) {
    return op_node_idna_domain_to_unicode(domain);
  }
  return {
    toASCII,
    domainToASCII,
    domainToUnicode,
    ucs2
  };
})();
