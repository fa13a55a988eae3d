//! Bindings to other workers, and workers to which others are bound.

use skerry_protocol::ServiceBinding;

use super::*;

async fn services(plane: &Plane, name: &str) -> Result<Vec<ServiceBinding>, Failure> {
    let version = plane.told(name).await?.versions.into_iter().find(|version| !version.is_preview);
    Ok(version.ok_or("nothing is deployed")?.services)
}

#[tokio::test]
async fn a_service_is_told_with_its_entrypoint_and_props() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("auth", &[], Migrations::None).await?;
    let admin = json!({
        "type": "service", "name": "ADMIN", "service": "auth", "entrypoint": "Admin", "props": { "level": [1] },
        "environment": "production", "cross_account_grant": null, "unknown": true,
    });
    // To itself also before it is there.
    plane.put("app", &[admin, service("SELF", "app")], Migrations::None).await?;
    let told = |binding: &str, service: &str, entrypoint: Option<&str>, props: Option<Value>| ServiceBinding {
        binding: binding.to_owned(),
        service: service.to_owned(),
        entrypoint: entrypoint.map(str::to_owned),
        props,
    };
    let expected = [told("ADMIN", "auth", Some("Admin"), Some(json!({ "level": [1] }))), told("SELF", "app", None, None)];
    assert_eq!(services(&plane, "app").await?, expected);
    let tried = plane.checker.0.lock().take().ok_or("nothing was tried out")?;
    assert_eq!(tried.services, expected);
    plane.put("app", &[json!({ "type": "inherit", "name": "ADMIN" })], Migrations::None).await?;
    assert_eq!(services(&plane, "app").await?, expected[..1]);
    Ok(())
}

#[tokio::test]
async fn services_that_are_not_there_or_make_no_sense_are_refused() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("auth", &[], Migrations::None).await?;
    for name in ["nobody", "AUTH", "auth/", "../auth", "a\0"] {
        let (code, text) = plane.refused("app", &[service("A", name)], Migrations::None).await?;
        assert!(code == 10143 && text.starts_with("Service binding 'A' references Worker"), "{text}");
    }
    for more in [
        json!({ "service": null }),
        json!({ "service": "" }),
        json!({ "service": 1 }),
        json!({ "environment": "staging" }),
        json!({ "entrypoint": "a b" }),
        json!({ "entrypoint": 1 }),
        json!({ "props": [] }),
        json!({ "props": "text" }),
        json!({ "cross_account_grant": "x" }),
    ] {
        let mut binding = service("A", "auth");
        binding.as_object_mut().ok_or("an object")?.extend(more.as_object().cloned().unwrap_or_default());
        assert_eq!(plane.refused("app", &[binding], Migrations::None).await?.0, 10021, "{more}");
    }
    Ok(())
}

#[tokio::test]
async fn a_worker_in_use_is_deleted_only_by_force_and_its_objects_with_it() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    let delete = async |name: &str, force: bool| {
        let deleted = plane.control.delete_worker(&plane.caller, name, force).await;
        deleted.map_err(|error| error.code)
    };
    plane.put("rooms", &[object("ROOM", "Room"), service("SELF", "rooms")], pending("", "v1", &[new(&["Room"])])).await?;
    let id = plane.id_of("rooms", "Room").await?;
    plane.put("caller", &[service("ROOMS", "rooms")], Migrations::None).await?;
    assert_eq!(delete("rooms", false).await, Err(10142));
    plane.put("caller", &[object_of("ROOM", "Room", "rooms")], Migrations::None).await?;
    assert_eq!(delete("rooms", false).await, Err(10064));
    assert_eq!(plane.namespaces().await?.len(), 1);
    let bound = plane.serving("caller").await?;
    assert_eq!(delete("rooms", true).await, Ok(()));
    assert_eq!((plane.namespaces().await?, plane.deleted().await?[0].id.clone()), (vec![], id));
    assert_eq!(plane.serving("caller").await?, bound, "it has its binding, which leads nowhere");

    // What it was bound to is gone for good, also when a worker of the name comes again.
    plane.put("rooms", &[], pending("", "v1", &[new(&["Room"])])).await?;
    let inherit = [json!({ "type": "inherit", "name": "ROOM" })];
    assert_eq!(plane.refused("caller", &inherit, Migrations::None).await?.0, 10061);
    let triggers = crate::control::NewTriggers { has_host: Some(false), ..Default::default() };
    plane.control.set_triggers(&plane.caller, "test", "caller", &triggers, None).await?;
    plane.put("caller", &[object_of("ROOM", "Room", "rooms")], Migrations::None).await?;
    assert_eq!(plane.serving("caller").await?.0[0].namespace, plane.id_of("rooms", "Room").await?);

    // Nobody else uses it: it is deleted as any worker is.
    plane.put("caller", &[], Migrations::None).await?;
    assert_eq!(delete("rooms", false).await, Ok(()));
    assert_eq!((plane.namespaces().await?.len(), plane.deleted().await?.len()), (0, 2));
    Ok(())
}
