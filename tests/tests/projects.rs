//! Projects as developers bring them to `skerry dev`: configurations, variables, packages, files of every kind.

use skerry_tests::client;
use skerry_tests::project::{answering, project, refused, write};
use skerry_tests::server::Server;

type Failure = Box<dyn std::error::Error>;

#[test]
fn a_configuration_that_cannot_be_used_is_refused_with_its_place() -> Result<(), Failure> {
    for (name, text, expected) in [
        ("wrangler.toml", "name = 'a'\nmain = \n", "line 2"),
        ("wrangler.jsonc", "{\n  \"name\": \"a\"\n  \"main\": \"x\"\n}", "line 2"),
        ("wrangler.json", "{ \"main\": \"gone.js\" }", "gone.js, which does not exist"),
        ("wrangler.toml", "main = 'index.js'\nkv_namespaces = [{ binding = 'K', id = 'x' }]\n", "kv_namespaces"),
        ("wrangler.toml", "main = 3\n", "\"main\" must be a string"),
    ] {
        let folder = project(&[("index.js", &answering("x")), (name, text)])?;
        let printed = refused(folder.path(), &[])?;
        assert!(printed.contains(expected) && printed.contains(name), "{printed}");
    }
    Ok(())
}

#[test]
fn unknown_keys_of_a_configuration_are_named() -> Result<(), Failure> {
    let folder = project(&[("index.js", &answering("x")), ("wrangler.toml", "name = 'a'\nmain = 'index.js'\nmian = 'typo'\n")])?;
    let server = Server::start(folder.path(), &[])?;
    assert!(server.wait_for("warning")?.contains("\"mian\""));
    Ok(())
}

#[test]
fn environments_variables_and_dev_vars_override_each_other_in_order() -> Result<(), Failure> {
    let worker = "export default { fetch(_, env) { return Response.json([env.A, env.B, env.C, env.D]); } };";
    let config =
        "name = 'a'\nmain = 'index.js'\nvars = { A = 'top' }\n[env.test.vars]\nA = 'env'\nB = 'env'\nC = 'env'\nD = { n = 1 }\n";
    let folder = project(&[("index.js", worker), ("wrangler.toml", config), (".dev.vars", "B=file\nC=file\n")])?;
    let server = Server::start(folder.path(), &["--env", "test", "--var", "C:line"])?;
    assert_eq!(client::get(server.address(), "/")?.text(), r#"["env","file","line",{"n":1}]"#);
    Ok(())
}

#[test]
fn files_of_which_nothing_is_left_in_the_bundle_reload_it_as_well() -> Result<(), Failure> {
    let worker = "import { LIMIT } from './const';\nimport { hi } from './barrel';\nimport { Size } from './size';\n\
                  export default { fetch() { return new Response(`${LIMIT} ${hi} ${Size.Big}`); } };";
    let files = [
        ("index.ts", worker),
        ("const.ts", "export const LIMIT = 1;"),
        ("barrel.ts", "export { hi } from './a';"),
        ("a.ts", "export const hi: string = ['hi'].join();"),
        ("b.ts", "export const hi: string = ['ahoy'].join();"),
        ("size.ts", "export enum Size { Small, Big }"),
    ];
    let folder = project(&files)?;
    let server = Server::start(folder.path(), &[])?;
    assert_eq!(client::get(server.address(), "/")?.text(), "1 hi 1");
    let edits = [
        ("const.ts", "export const LIMIT = 2;", "2 hi 1"),
        ("barrel.ts", "export { hi } from './b';", "2 ahoy 1"),
        ("size.ts", "export enum Size { Small, Middle, Big }", "2 ahoy 2"),
    ];
    for (count, (file, text, expected)) in edits.into_iter().enumerate() {
        write(folder.path(), file, text)?;
        server.wait_for_count("Reloaded", count + 1)?;
        assert_eq!(client::get(server.address(), "/")?.text(), expected);
    }
    Ok(())
}

#[test]
fn a_package_that_is_not_installed_is_named_and_noticed_when_it_is() -> Result<(), Failure> {
    let worker = "\nimport { hi } from 'greeter';\nimport { name } from 'greeter/name';\n\
                  export default { fetch() { return new Response(hi + name); } };";
    let folder = project(&[("src/index.ts", worker), ("package.json", r#"{ "dependencies": { "greeter": "1" } }"#)])?;
    let server = Server::start(&folder.path().join("src/index.ts"), &[])?;
    let message = server.wait_for("npm package \"greeter\" is not installed (imported by ")?;
    assert!(message.contains("index.ts:2): run \"npm install\" in ") && message.contains("error: "), "{message}");
    let page = client::get(server.address(), "/")?;
    assert_eq!((page.status, page.text().matches("is not installed").count()), (500, 1), "{}", page.text());
    write(folder.path(), "node_modules/greeter/name.js", "export const name = '!';")?;
    write(folder.path(), "node_modules/greeter/index.js", "export const hi = 'installed';")?;
    write(folder.path(), "node_modules/greeter/package.json", r#"{ "main": "index.js" }"#)?;
    server.wait_for("Reloaded")?;
    assert_eq!(client::get(server.address(), "/")?.text(), "installed!");
    Ok(())
}

#[test]
fn a_module_of_node_that_is_not_there_is_named_with_who_imports_it() -> Result<(), Failure> {
    for (specifier, name) in [("node:fs", "node:fs"), ("crypto", "node:crypto"), ("fs/promises", "node:fs/promises")] {
        let package = format!("import * as it from '{specifier}';\nexport const value = Object.keys(it);");
        let worker = "import { value } from 'x';\nexport default { fetch() { return Response.json(value); } };";
        let folder = project(&[
            ("index.js", worker),
            ("node_modules/x/package.json", r#"{ "module": "y.js" }"#),
            ("node_modules/x/y.js", &package),
        ])?;
        let server = Server::start(folder.path(), &[])?;
        server.wait_for(&format!(
            "{name} (imported by node_modules/x/y.js:1) is not there yet; of Node's modules there are assert, "
        ))?;
    }
    Ok(())
}

#[test]
fn imports_that_packages_can_do_without_do_not_stop_the_build() -> Result<(), Failure> {
    let package = "let optional = 'none';\ntry { optional = require('not-there'); } catch {}\n\
                   exports.optional = optional;\nexports.read = (name) => require('fs').readFileSync(name);\n\
                   exports.late = () => import('./late.mjs').then(() => 'there', () => 'refused');\n\
                   exports.later = () => import('node:vm').then(() => 'there', () => 'refused');\n";
    let worker = "import x from 'x';\nimport { AsyncLocalStorage } from 'async_hooks';\n\
                  const own = async () => { try { return await import('gone'); } catch { return 'refused'; } };\n\
                  export default { async fetch() {\n  const late = [await x.late(), await x.later(), await own()];\n\
                  return Response.json([x.optional, ...late, typeof AsyncLocalStorage]); } };";
    let folder = project(&[
        ("index.js", worker),
        ("node_modules/x/package.json", r#"{ "main": "y.js" }"#),
        ("node_modules/x/y.js", package),
        ("node_modules/x/late.mjs", "import { open } from 'node:fs';\nopen();"),
    ])?;
    let server = Server::start(folder.path(), &[])?;
    assert_eq!(client::get(server.address(), "/")?.text(), r#"["none","refused","refused","refused","function"]"#);
    assert!(server.wait_for("node:fs (imported by node_modules/x/")?.contains("warning"));
    Ok(())
}

#[test]
fn packages_replace_modules_for_the_browser() -> Result<(), Failure> {
    let manifest = r#"{ "main": "y.js", "browser": { "crypto": false, "./node.js": "./web.js" } }"#;
    let worker = "import x from 'x';\nexport default { fetch() { return Response.json(x); } };";
    let folder = project(&[
        ("index.js", worker),
        ("node_modules/x/package.json", manifest),
        ("node_modules/x/y.js", "exports.crypto = Object.keys(require('crypto'));\nexports.platform = require('./node.js');"),
        ("node_modules/x/node.js", "module.exports = require('node:os').platform();"),
        ("node_modules/x/web.js", "module.exports = 'web';"),
    ])?;
    let server = Server::start(folder.path(), &[])?;
    assert_eq!(client::get(server.address(), "/")?.text(), r#"{"crypto":[],"platform":"web"}"#);
    assert!(!server.printed().contains("warning"), "{}", server.printed());
    Ok(())
}

#[test]
fn files_that_are_no_code_ask_for_a_rule() -> Result<(), Failure> {
    let worker = "import page from './page.css';\nexport default { fetch() { return new Response(page); } };";
    let folder = project(&[("index.js", worker), ("page.css", "p {}")])?;
    let server = Server::start(folder.path(), &[])?;
    let message = server.wait_for("./page.css\" (imported by index.js:1)")?;
    assert!(message.contains("add a rule of type Text to \"rules\""), "{message}");
    let config = "name = 'a'\nmain = 'index.js'\nrules = [{ type = 'Text', globs = ['**/*.css'] }]\n";
    write(folder.path(), "wrangler.toml", config)?;
    server.wait_for("Reloaded")?;
    assert_eq!(client::get(server.address(), "/")?.text(), "p {}");
    Ok(())
}

#[test]
fn a_module_is_served_with_the_configuration_above_it() -> Result<(), Failure> {
    let worker = "import { hi } from '~/hi';\nexport default { fetch(_, env) { return Response.json([hi, env.A, env.B]); } };";
    let folder = project(&[
        (
            "wrangler.jsonc",
            r#"{ "name": "above", "main": "other.js", "vars": { "A": "config" }, "alias": { "~/hi": "./lib/hi.ts" } }"#,
        ),
        (".dev.vars", "B=file\n"),
        ("lib/hi.ts", "export const hi: string = 'hi';"),
        ("src/deep/index.ts", worker),
    ])?;
    for typed in ["src/deep/index.ts", "src/deep"] {
        let server = Server::start(&folder.path().join(typed), &[])?;
        server.wait_for("above is ready")?;
        assert_eq!(client::get(server.address(), "/")?.text(), r#"["hi","config","file"]"#);
        assert!(server.wait_for("is served with the configuration ")?.contains("wrangler.jsonc"));
        write(folder.path(), "lib/hi.ts", &format!("export const hi = '{typed}';"))?;
        server.wait_for("Reloaded")?;
        assert!(client::get(server.address(), "/")?.text().contains(typed));
        write(folder.path(), "lib/hi.ts", "export const hi: string = 'hi';")?;
    }
    Ok(())
}

#[test]
fn a_configuration_beyond_the_repository_is_left_alone() -> Result<(), Failure> {
    let folder = project(&[
        ("wrangler.toml", "name = 'not-ours'\n"),
        ("repository/.git/HEAD", ""),
        ("repository/src/index.js", &answering("x")),
    ])?;
    let server = Server::start(&folder.path().join("repository/src/index.js"), &[])?;
    server.wait_for("src is ready")?;
    assert!(!server.printed().contains("not-ours") && !server.printed().contains("warning"), "{}", server.printed());
    Ok(())
}

#[test]
fn what_a_configuration_asks_for_in_vain_is_named() -> Result<(), Failure> {
    let config = "name = 'a'\nmain = 'index.js'\ncompatibility_flags = ['nodejs_compat']\nbase_dir = 'src'\n\
                  find_additional_modules = true\njsx_factory = 'h'\nlimits = { cpu_ms = 50 }\ntriggers = { crons = ['* * * * *'] }\n\
                  dev = { ip = '0.0.0.0', local_protocol = 'https' }\nnothing = []\nvars = { TOP = '1' }\n[env.staging]\n";
    let folder = project(&[("index.js", &answering("x")), ("wrangler.toml", config)])?;
    let server = Server::start(folder.path(), &["--env", "staging"])?;
    for expected in [
        "nodejs_compat: crypto, fs, http, net, zlib and others of Node's modules are not there yet",
        "\"base_dir\" is ignored",
        "\"find_additional_modules\" is ignored",
        "\"jsx_factory\" is ignored: name it as \"jsxFactory\" in tsconfig.json",
        "\"limits\" is ignored",
        "\"triggers\" is ignored: crons are not run yet",
        "\"dev.ip\" is ignored: use --host",
        "\"dev.local_protocol\" is ignored",
        "unknown key \"nothing\" is ignored",
        "environments do not inherit \"vars\": \"staging\" does not have TOP",
    ] {
        let line = server.wait_for(expected)?;
        assert!(line.contains("warning: ") && line.contains("wrangler.toml"), "{line}");
    }
    // What was said once is not said again.
    server.wait_for("is ready")?;
    write(folder.path(), "index.js", &answering("y"))?;
    server.wait_for("Reloaded")?;
    assert_eq!(server.printed().matches("\"triggers\"").count(), 1, "{}", server.printed());
    Ok(())
}

#[test]
fn every_binding_that_is_not_there_is_named_at_once() -> Result<(), Failure> {
    let config = "main = 'index.js'\nkv_namespaces = [{ binding = 'NAMES', id = 'x' }]\n[[d1_databases]]\nbinding = 'DB'\n";
    let folder = project(&[("index.js", &answering("x")), ("wrangler.toml", config)])?;
    let printed = refused(folder.path(), &[])?;
    assert!(printed.contains("\"kv_namespaces\" (NAMES)") && printed.contains("\"d1_databases\" (DB)"), "{printed}");
    Ok(())
}

#[test]
fn the_typescript_configuration_that_is_named_holds() -> Result<(), Failure> {
    let worker = "import { hi } from '@lib/hi';\nconst h = (name: string, _: null, text: string) => `${name}: ${text}`;\n\
                  export default { fetch() { return new Response(<b>{hi}</b>); } };";
    let options = r#"{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] }, "jsx": "react", "jsxFactory": "h" } }"#;
    let folder = project(&[
        ("src/index.tsx", worker),
        ("lib/hi.ts", "export const hi = 'hi';"),
        ("tsconfig.worker.json", options),
        ("wrangler.toml", "name = 'a'\nmain = 'src/index.tsx'\ntsconfig = 'tsconfig.worker.json'\n"),
    ])?;
    let server = Server::start(folder.path(), &[])?;
    assert_eq!(client::get(server.address(), "/")?.text(), "b: hi");
    Ok(())
}

#[test]
fn values_of_dev_vars_may_have_several_lines() -> Result<(), Failure> {
    let worker = "export default { fetch(_, env) { return Response.json([env.KEY, env.NEXT]); } };";
    let folder = project(&[("index.js", worker), (".dev.vars", "KEY=\"-----BEGIN\nabc=\n-----END\"\nNEXT=1\n")])?;
    let server = Server::start(folder.path(), &[])?;
    assert_eq!(client::get(server.address(), "/")?.text(), r#"["-----BEGIN\nabc=\n-----END","1"]"#);
    Ok(())
}

#[test]
fn the_service_worker_syntax_is_refused_with_what_to_write_instead() -> Result<(), Failure> {
    let folder = project(&[("index.js", "addEventListener('fetch', (event) => event.respondWith(new Response('x')));\n")])?;
    let server = Server::start(folder.path(), &[])?;
    server.wait_for("index.js uses the service-worker syntax")?;
    assert!(client::get(server.address(), "/")?.text().contains("export default { fetch(request, env, ctx)"));
    // A listener beside a default export stops nothing.
    write(folder.path(), "index.js", &format!("addEventListener('fetch', () => {{}});\n{}", answering("module")))?;
    server.wait_for("Reloaded")?;
    assert_eq!(client::get(server.address(), "/")?.text(), "module");
    Ok(())
}
