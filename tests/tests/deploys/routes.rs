//! Routes and deployments that the control plane takes: none may keep the edge from serving what others deploy.

use serde_json::json;
use skerry_tests::client;
use skerry_tests::deploys::Site;

use crate::Failure;

/// Sets a worker's routes. Gives the status, and what was said.
fn route(site: &Site, name: &str, patterns: &[&str]) -> Result<(u16, String), Failure> {
    let wanted: Vec<_> = patterns.iter().map(|pattern| json!({ "pattern": pattern })).collect();
    let (status, value) = site.json("PUT", &format!("/scripts/{name}/routes"), &json!(wanted).to_string())?;
    Ok((status, value.to_string()))
}

fn domains(site: &Site, name: &str, hosts: &[&str]) -> Result<(u16, String), Failure> {
    let wanted: Vec<_> = hosts.iter().map(|host| json!({ "hostname": host })).collect();
    let (status, value) =
        site.json("PUT", &format!("/scripts/{name}/domains/records"), &json!({ "origins": wanted }).to_string())?;
    Ok((status, value.to_string()))
}

/// Two workers that answer with their names.
fn two() -> Result<Site, Failure> {
    let site = Site::start()?;
    for name in ["one", "two"] {
        site.deploy(name, name)?;
        site.until(name, name)?;
    }
    Ok(site)
}

#[test]
fn a_route_is_one_workers_alone_until_it_is_given_up() -> Result<(), Failure> {
    let site = two()?;
    assert_eq!(route(&site, "one", &["App.Example/*", "*.wide.example/a"])?.0, 200);
    assert_eq!(domains(&site, "one", &["own.example"])?.0, 200);
    for taken in ["app.example", "APP.EXAMPLE/*", "*.Wide.example/a", "own.example/*", "OWN.example"] {
        let (status, said) = route(&site, "two", &["free.example/*", taken])?;
        assert!(status == 409 && said.contains("one"), "{taken}: {status} {said}");
    }
    for taken in ["own.example", "App.example"] {
        assert_eq!(domains(&site, "two", &[taken])?.0, 409, "{taken}");
    }
    site.until_host("app.example", "one")?;
    // What was refused was refused as a whole.
    assert_eq!(site.get("free.example")?.status, 404);
    assert_eq!(route(&site, "one", &[])?.0, 200);
    assert_eq!(route(&site, "two", &["app.example/*"])?.0, 200);
    site.until_host("app.example", "two")?;
    assert_eq!(site.json("DELETE", "/scripts/two", "")?.0, 200);
    assert_eq!(route(&site, "one", &["app.example/*"])?.0, 200);
    site.until_host("app.example", "one")?;
    Ok(())
}

#[test]
fn hosts_that_workers_have_by_their_names_are_nobodys_to_claim() -> Result<(), Failure> {
    let site = two()?;
    let reserved = [
        "x.workers.localhost",
        "one.workers.localhost/*",
        "ONE.Workers.LOCALHOST/x",
        "*.workers.localhost/*",
        "*.localhost",
        "localhost/*",
        "12345678-one.workers.localhost",
        "one.workers.localhost.",
        "one.workers.localhost:80",
        "one.workers.ｌocalhost/*",
        "one.workers。localhost",
        "*/*",
        "*",
    ];
    for pattern in reserved {
        let (status, said) = route(&site, "two", &[pattern])?;
        assert_eq!(status, 400, "{pattern}: {said}");
        assert_eq!(domains(&site, "two", &[pattern])?.0, 400, "{pattern}");
    }
    // Whatever becomes of this one, it is not the other's host.
    route(&site, "two", &["one.workers.xn--localhost-/*"])?;
    site.check_deploys("two")?;
    assert_eq!(site.get("one.workers.localhost")?.text(), "one");
    Ok(())
}

/// Patterns from which something may be hoped for.
const ODD: &[&str] = &[
    "",
    "/",
    "//",
    ".",
    "a",
    "a..b",
    ".a.b",
    "a.b.",
    " a.b",
    "a.b ",
    "a.b/ ",
    "a.b/\t",
    "a.b/\0",
    "a\0.b/",
    "a.b/%00",
    "a.b/%",
    "a.b/%zz*",
    "a.b/%2e%2e/",
    "a.b/../c",
    "a.b//c",
    "a.b/\\",
    "a.b/ü",
    "a.b/\u{202e}x",
    "a.b/\u{feff}",
    "a.b/@x",
    "a@b/",
    "a.b:80/",
    "a.b/?",
    "a.b/#",
    "a.b/*",
    "a.b/**",
    "a.b/*/c",
    "*.*",
    "*.*.b",
    "*a.b",
    "a.*.b",
    "*.a",
    "*./",
    "*.xn--a",
    "-a-.example",
    "a.-",
    "_a._b",
    "a_b.example",
    "a.1a",
    "a.x1",
    "1.2.3.4",
    "0x7f.1",
    "a.0x7f",
    "a.09",
    "[::1]/",
    "[::1",
    "::1",
    "xn--",
    "xn--/",
    "xn--.xn--",
    "xn--a.example",
    "xn--abc-.example",
    "xn--0.example",
    "xn--zzzzzzz99.example",
    "xn--bcher-kva.example",
    "XN--BCHER-KVA.example/up",
    "xn--fa-hia.example",
    "xn--fss.xn--p1ai",
    "bücher.example",
    "ＡＢ.example",
    "a\u{ad}b.example",
    "a。b",
    "ab--c.example",
    "http://a.b/",
    "a.b/://",
    "a.b/;x=1",
    "a.b/\"",
    "a.b/'",
    "a.b/{x}",
    "a.b/[x]*",
    "a.b/<x>",
    "a.b/x|y",
    "a.b/^",
    "a.b/`",
];

#[test]
fn no_pattern_keeps_later_deploys_from_being_served_also_after_a_restart() -> Result<(), Failure> {
    let mut site = two()?;
    let long_host = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "a".repeat(61));
    let long = [long_host.clone(), format!("a{long_host}"), format!("a.b/{}", "x".repeat(100_000)), "a.".repeat(120) + "b"];
    let mut taken = Vec::new();
    for pattern in ODD.iter().copied().chain(long.iter().map(String::as_str)) {
        let shown: String = pattern.chars().take(40).collect();
        let (status, said) = route(&site, "one", &[pattern])?;
        assert!([200, 400].contains(&status), "{shown:?}: {status} {said}");
        let (as_domain, said) = domains(&site, "two", &[pattern])?;
        assert!([200, 400, 409].contains(&as_domain), "{shown:?}: {as_domain} {said}");
        if status == 200 {
            taken.push(pattern);
        }
        if status == 200 || as_domain == 200 {
            site.check_deploys("later").map_err(|error| format!("{shown:?}: {error:#}"))?;
        }
        assert_eq!(domains(&site, "two", &[])?.0, 200);
    }
    assert!(taken.len() > 20, "{taken:?}");
    let (status, said) = route(&site, "one", &taken)?;
    assert_eq!(status, 200, "{said}");
    site.check_deploys("later")?;
    site.crash_and_restart()?;
    site.until("one", "one")?;
    site.check_deploys("later")?;
    Ok(())
}

#[test]
fn a_pattern_that_no_edge_can_serve_is_refused() -> Result<(), Failure> {
    let site = two()?;
    for pattern in ["xn--a.example", "xn--/", "xn--abc-.example", "*.xn--a"] {
        assert_eq!(route(&site, "one", &[pattern])?.0, 400, "{pattern}");
    }
    // Nor is there such a host.
    let (status, _) = site.put("xn--a", &skerry_tests::deploys::Form::of("export default {}", json!({})))?;
    assert_eq!(status, 400);
    Ok(())
}

#[test]
fn hosts_of_routes_are_compared_as_clients_send_them() -> Result<(), Failure> {
    let site = two()?;
    assert_eq!(route(&site, "one", &["XN--BCHER-KVA.Example/*", "UPPER.example/Path", "*.Under.example"])?.0, 200);
    for host in ["xn--bcher-kva.example", "XN--bcher-kva.EXAMPLE", "a.b.under.example", "A.UNDER.example:8080"] {
        site.until_host(host, "one")?;
    }
    let path = |path| client::request(site.edge, "GET", path, &[("host", "upper.example")], b"");
    assert_eq!((path("/Path")?.text().as_str(), path("/path")?.status), ("one", 404));
    assert_eq!(site.get("under.example")?.status, 404);
    Ok(())
}

#[test]
fn a_worker_has_a_thousand_routes_and_no_more() -> Result<(), Failure> {
    let site = two()?;
    let all: Vec<String> = (0..1_001).map(|number| format!("h{}.example/{number}/*", number % 10)).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (status, said) = route(&site, "one", &all)?;
    assert!(status == 400 && said.contains("1000"), "{status} {said}");
    assert_eq!(route(&site, "one", &all[..1_000])?.0, 200);
    site.check_deploys("two")?;
    let answer = client::request(site.edge, "GET", "/999/x", &[("host", "h9.example")], b"")?;
    assert_eq!(answer.text(), "one");
    Ok(())
}

#[test]
fn too_many_routes_and_domains_are_refused_at_once() -> Result<(), Failure> {
    let site = two()?;
    let hosts: Vec<String> = (0..50_000).map(|number| format!("h{number}.example")).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let began = std::time::Instant::now();
    assert_eq!(route(&site, "one", &hosts)?.0, 400);
    assert_eq!(domains(&site, "one", &hosts)?.0, 400);
    assert!(began.elapsed().as_secs() < 2, "{:?}", began.elapsed());
    Ok(())
}

#[test]
fn a_route_and_a_domain_of_one_worker_may_be_the_same() -> Result<(), Failure> {
    let mut site = two()?;
    assert_eq!(route(&site, "one", &["same.example/*"])?.0, 200);
    assert_eq!(domains(&site, "one", &["same.example"])?.0, 200);
    site.check_deploys("two")?;
    site.until_host("same.example", "one")?;
    assert_eq!(route(&site, "one", &[])?.0, 200);
    site.check_deploys("two")?;
    assert_eq!(site.get("same.example")?.text(), "one");
    site.crash_and_restart()?;
    site.check_deploys("two")?;
    Ok(())
}

/// Deployments that add up, or nearly do.
#[test]
fn no_deployment_keeps_later_deploys_from_being_served() -> Result<(), Failure> {
    let mut site = two()?;
    let (old, new) = (site.deploy("one", "old")?, site.deploy("one", "new")?);
    let nobody = "00000000-0000-4000-8000-000000000000";
    let cases = [
        (vec![(old.as_str(), 50.0), (new.as_str(), 50.0)], true),
        (vec![(&old, 100.009), (&new, 0.0)], false),
        (vec![(&old, 50.0), (&new, 50.009)], true),
        (vec![(&old, 50.0), (&new, 50.02)], false),
        (vec![(&old, 99.99999), (&new, 0.00001)], true),
        (vec![(&old, 100.0), (&new, -0.0)], true),
        (vec![(&old, 100.0), (&new, 5e-324)], true),
        (vec![(&old, 50.0), (&old, 50.0)], false),
        (vec![(&old, 50.0), (nobody, 50.0)], false),
        (vec![], false),
    ];
    for (shares, is_right) in cases {
        let versions: Vec<_> = shares.iter().map(|(id, share)| json!({ "version_id": id, "percentage": share })).collect();
        let (status, said) = site.json("POST", "/scripts/one/deployments", &json!({ "versions": versions }).to_string())?;
        assert_eq!(status == 200, is_right, "{shares:?}: {status} {said}");
        assert!(status < 500, "{shares:?}: {said}");
        site.check_deploys("two")?;
        let answer = site.get("one.workers.localhost")?.text();
        assert!(["old", "new"].contains(&answer.as_str()), "{shares:?}: {answer}");
    }
    site.crash_and_restart()?;
    site.check_deploys("two")?;
    Ok(())
}

#[test]
fn a_version_has_one_spelling() -> Result<(), Failure> {
    let mut site = two()?;
    let spellings: [fn(&str) -> String; 4] =
        [|id| id.to_uppercase(), |id| id.replace('-', ""), |id| format!("{{{id}}}"), |id| format!("urn:uuid:{id}")];
    for spelled in spellings {
        let id = site.deploy("one", "one")?;
        let other = spelled(&id);
        let share = |id: &str, percentage: u32| json!({ "version_id": id, "percentage": percentage });
        let twice = json!({ "versions": [share(&id, 50), share(&other, 50)] });
        let (status, said) = site.json("POST", "/scripts/one/deployments", &twice.to_string())?;
        assert!([400, 404].contains(&status), "{other}: {status} {said}");
        let alone = json!({ "versions": [share(&other, 100)] });
        site.json("POST", "/scripts/one/deployments", &alone.to_string())?;
        // However it was named, it is the one that is deployed.
        assert_eq!(site.json("PUT", "/scripts/one/secrets", r#"{"name":"A","text":"a"}"#)?.0, 200, "{other}");
        site.check_deploys("two")?;
    }
    site.crash_and_restart()?;
    site.check_deploys("two")?;
    Ok(())
}
