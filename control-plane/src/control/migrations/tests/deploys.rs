//! What becomes of namespaces, and what edges are told.

use super::*;

#[tokio::test]
async fn a_namespace_keeps_its_id_when_its_class_is_renamed_or_goes_to_another_worker() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("rooms", &[object("ROOM", "Room")], pending("", "v1", &[new(&["Room"])])).await?;
    let id = plane.id_of("rooms", "Room").await?;
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    let own = |class: &str| vec![ObjectNamespace { id: id.clone(), class: class.to_owned() }];
    let bound = |binding: &str, class: &str| {
        vec![ObjectBinding { binding: binding.to_owned(), class: class.to_owned(), namespace: id.clone() }]
    };
    assert_eq!(plane.serving("rooms").await?, (bound("ROOM", "Room"), own("Room")));
    let tried = plane.checker.0.lock().take().ok_or("nothing was tried out")?;
    assert_eq!(tried.objects, bound("ROOM", "Room"), "what is tried out has its bindings");
    plane.put("guest", &[object_of("THEIRS", "Room", "rooms")], Migrations::None).await?;
    assert_eq!(plane.serving("guest").await?, (bound("THEIRS", "Room"), vec![]));

    plane.put("rooms", &[object("ROOM", "Hall")], pending("v1", "v2", &[renamed(&[("Room", "Hall")])])).await?;
    assert_eq!(plane.serving("rooms").await?, (bound("ROOM", "Hall"), own("Hall")));
    assert_eq!(plane.serving("guest").await?, (bound("THEIRS", "Hall"), vec![]), "others follow without a deploy");

    let takeover = pending("", "v1", &[transferred("Hall", "rooms", "Lobby")]);
    plane.put("halls", &[object("OWN", "Lobby")], takeover).await?;
    assert_eq!(plane.namespaces().await?, [("halls".to_owned(), "Lobby".to_owned(), id.clone())]);
    assert_eq!(plane.serving("halls").await?, (bound("OWN", "Lobby"), own("Lobby")));
    assert_eq!(plane.serving("rooms").await?, (bound("ROOM", "Lobby"), vec![]), "it calls what it has implemented");
    assert_eq!(plane.serving("guest").await?, (bound("THEIRS", "Lobby"), vec![]));
    assert_eq!((plane.tag("rooms").await?.as_deref(), plane.tag("halls").await?.as_deref()), (Some("v2"), Some("v1")));
    Ok(())
}

#[tokio::test]
async fn steps_are_applied_in_their_order_and_what_comes_and_goes_among_them_was_never_there() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    let steps = [new(&["A", "B", "Gone"]), renamed(&[("A", "C")]), deleted(&["Gone"]), new(&["A"]), renamed(&[("B", "Gone")])];
    plane.put("app", &[], pending("", "v5", &steps)).await?;
    let classes: Vec<_> = plane.namespaces().await?.into_iter().map(|(_, class, _)| class).collect();
    assert_eq!((classes, plane.deleted().await?), (texts(&["A", "C", "Gone"]), vec![]));
    // One step without tags, and the older kind of class.
    let older = MigrationStep { new_classes: texts(&["Old"]), ..MigrationStep::default() };
    plane.put("app", &[object("OLD", "Old")], pending("", "", &[older])).await?;
    assert_eq!((plane.namespaces().await?.len(), plane.tag("app").await?.as_deref()), (4, Some("v5")));
    Ok(())
}

#[tokio::test]
async fn of_a_whole_configuration_only_what_is_new_is_applied() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    let mut migrations = vec![("v1", new(&["A"]))];
    plane.put("app", &[], all(&migrations)).await?;
    let id = plane.id_of("app", "A").await?;
    plane.put("app", &[], all(&migrations)).await?;
    migrations.push(("v2", renamed(&[("A", "B")])));
    migrations.push(("v3", new(&["A"])));
    plane.put("app", &[], all(&migrations)).await?;
    assert_eq!((plane.id_of("app", "B").await?, plane.namespaces().await?.len()), (id, 2));
    // Versions that are kept bring no migrations, and may have those that were applied.
    plane.upload("app", Sent { migrations: all(&migrations), ..Sent::default() }, Publish::Keep).await?;
    migrations.push(("v4", new(&["C"])));
    let kept = Sent { migrations: all(&migrations), ..Sent::default() };
    let refused = plane.upload("app", kept, Publish::Keep).await.err().ok_or("it was taken")?;
    assert_eq!((refused.code, plane.tag("app").await?.as_deref()), (10211, Some("v3")));
    let (code, text) = plane.refused("app", &[], all(&[("v4", new(&["C"]))])).await?;
    assert!(code == 10079 && text.contains("\"v3\""), "{text}");
    plane.put("app", &[], all(&[])).await?;
    assert_eq!(plane.tag("app").await?.as_deref(), Some("v3"));
    Ok(())
}

#[tokio::test]
async fn a_deleted_class_leaves_a_row_with_the_time_and_takes_older_versions_out_of_use() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    let before = plane.put("app", &[], Migrations::None).await?;
    let bound = plane.put("app", &[object("A", "A")], pending("", "v1", &[new(&["A", "B"])])).await?;
    let unbound = plane.put("app", &[], Migrations::None).await?;
    let (a, b) = (plane.id_of("app", "A").await?, plane.id_of("app", "B").await?);
    let last = plane.put("app", &[object("B", "B")], pending("v1", "v2", &[deleted(&["A"])])).await?;
    let gone = plane.deleted().await?;
    assert_eq!(gone.iter().map(|row| (row.id.as_str(), row.deleted.is_some())).collect::<Vec<_>>(), [(a.as_str(), true)]);
    for old in [&bound, &unbound] {
        let refused = plane.deploy("app", old).await.err().ok_or("it was deployed")?;
        assert!(refused.code == 10064 && refused.message.contains("class A"), "{refused}");
    }
    // Made before there was any class: it has none that could be missed.
    plane.deploy("app", &before).await?;
    assert_eq!(plane.serving("app").await?, (vec![], vec![]), "code that does not have the class is not asked for it");
    plane.deploy("app", &last).await?;
    assert_eq!(plane.serving("app").await?.1, [ObjectNamespace { id: b, class: "B".to_owned() }]);
    // A class of the same name is another one.
    plane.put("app", &[object("A", "A")], pending("v2", "v3", &[new(&["A"])])).await?;
    assert_ne!(plane.id_of("app", "A").await?, a);
    assert!(plane.deploy("app", &bound).await.is_err(), "its objects are gone all the same");
    Ok(())
}

#[tokio::test]
async fn a_version_whose_class_was_renamed_cannot_come_back_and_one_whose_class_went_away_can() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    let first = plane.put("app", &[object("A", "A")], pending("", "v1", &[new(&["A"])])).await?;
    let second = plane.put("app", &[object("A", "B")], pending("v1", "v2", &[renamed(&[("A", "B")])])).await?;
    let refused = plane.deploy("app", &first).await.err().ok_or("it was deployed")?;
    assert!(refused.code == 10064 && refused.message.contains("whose class is B"), "{refused}");
    plane.put("other", &[], pending("", "v1", &[transferred("B", "app", "B")])).await?;
    plane.put("app", &[], Migrations::None).await?;
    plane.deploy("app", &second).await?;
    let (objects, own) = plane.serving("app").await?;
    assert_eq!((objects[0].namespace.clone(), own), (plane.id_of("other", "B").await?, vec![]));
    Ok(())
}

#[tokio::test]
async fn a_binding_that_is_inherited_follows_its_namespace() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("rooms", &[], pending("", "v1", &[new(&["A"])])).await?;
    let id = plane.id_of("rooms", "A").await?;
    plane.put("guest", &[object_of("ROOM", "A", "rooms")], Migrations::None).await?;
    plane.put("rooms", &[], pending("v1", "v2", &[renamed(&[("A", "B")])])).await?;
    plane.put("guest", &[json!({ "type": "inherit", "name": "ROOM" })], Migrations::None).await?;
    let by_id = json!({ "type": "durable_object_namespace", "name": "BY_ID", "namespace_id": id });
    plane.put("third", &[by_id], Migrations::None).await?;
    for name in ["guest", "third"] {
        let (objects, _) = plane.serving(name).await?;
        assert_eq!((objects[0].namespace.as_str(), objects[0].class.as_str()), (id.as_str(), "B"), "{name}");
    }
    let latest = plane.control.worker(&plane.caller.account, "guest").await?.0.latest.ok_or("it has a version")?;
    let worker_id = plane.told("guest").await?.id;
    let version = plane.control.version(&worker_id, &latest).await?;
    let expected = json!({
        "name": "ROOM", "type": "durable_object_namespace", "class_name": "B", "namespace_id": id, "script_name": "rooms",
    });
    assert_eq!(version.bindings, [expected]);
    Ok(())
}

#[tokio::test]
async fn secrets_that_change_leave_objects_as_they_are() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("app", &[object("A", "A")], pending("", "v1", &[new(&["A"])])).await?;
    let before = plane.serving("app").await?;
    let changes = [("TOKEN".to_owned(), Some("x".to_owned()))].into();
    plane.control.change_secrets(&plane.caller, "app", &changes, true, &Map::new()).await?;
    assert_eq!(plane.serving("app").await?, before);
    assert_eq!(before.1.len(), 1);
    Ok(())
}
