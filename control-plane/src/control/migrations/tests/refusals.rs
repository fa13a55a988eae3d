//! What is refused, and that nothing of it is kept.

use super::*;

#[tokio::test]
async fn tags_say_what_was_applied() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    let (code, _) = plane.refused("app", &[], pending("v0", "v1", &[new(&["A"])])).await?;
    assert_eq!(code, 10079, "there is no worker yet, and so no tag");
    plane.put("app", &[], pending("", "v1", &[new(&["A"])])).await?;
    for old in ["", "v0", "v2"] {
        let (code, text) = plane.refused("app", &[], pending(old, "v2", &[new(&["B"])])).await?;
        assert!(code == 10079 && text.starts_with("Migration tag precondition failed; current tag is \"v1\""), "{text}");
    }
    let kept = Sent { migrations: pending("v1", "v2", &[new(&["B"])]), ..Sent::default() };
    assert_eq!(plane.upload("app", kept, Publish::Keep).await.map_err(|error| error.code), Err(10211));
    for tag in ["a\nb", &"t".repeat(300)] {
        assert_eq!(plane.refused("app", &[], pending("v1", tag, &[])).await?.0, 10021);
    }
    assert_eq!(plane.refused("new", &[], all(&[("v1", new(&["A"])), ("v1", new(&["B"]))])).await?.0, 10021);
    Ok(())
}

#[tokio::test]
async fn steps_that_make_no_sense_are_refused_whole() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("app", &[], pending("", "v1", &[new(&["A", "B"])])).await?;
    plane.put("other", &[], pending("", "v1", &[new(&["X"])])).await?;
    let both = MigrationStep { new_classes: texts(&["N"]), ..new(&["N"]) };
    let delete_and_make = MigrationStep { deleted_classes: texts(&["A"]), ..new(&["A"]) };
    let two_transfers = {
        let one = transferred("X", "other", "Y").transferred_classes;
        let two = transferred("X", "other", "Z").transferred_classes;
        MigrationStep { transferred_classes: [one, two].concat(), ..MigrationStep::default() }
    };
    for (what, step) in [
        ("there already", new(&["A"])),
        ("twice", new(&["N", "N"])),
        ("twice, in both lists", both),
        ("a cycle", renamed(&[("A", "B"), ("B", "A")])),
        ("a chain", renamed(&[("A", "C"), ("C", "D")])),
        ("to itself", renamed(&[("A", "A")])),
        ("two into one", renamed(&[("A", "C"), ("B", "C")])),
        ("one into two", renamed(&[("A", "C"), ("A", "D")])),
        ("onto another", renamed(&[("A", "B")])),
        ("not there to be renamed", renamed(&[("Z", "Y")])),
        ("not there to be deleted", deleted(&["Z"])),
        ("deleted twice", deleted(&["A", "A"])),
        ("deleted and made", delete_and_make),
        ("a transfer to itself", transferred("A", "app", "C")),
        ("a transfer from nobody", transferred("A", "nobody", "C")),
        ("a transfer of nothing", transferred("Z", "other", "C")),
        ("a transfer onto another", transferred("X", "other", "A")),
        ("two transfers of one", two_transfers),
        ("a transfer from a key", transferred("X", "other/../other", "C")),
    ] {
        // The steps before it are not kept either.
        let (code, text) = plane.refused("app", &[], pending("v1", "v2", &[new(&["Before"]), step])).await?;
        assert_eq!(code, 10074, "{what}: {text}");
    }
    for class in ["", "default", "a b", "1A", "a\u{0}", &"a".repeat(300)] {
        for step in [new(&[class]), renamed(&[("A", class)]), transferred("X", "other", class)] {
            assert_eq!(plane.refused("app", &[], pending("v1", "v2", &[step])).await?.0, 10021, "{class:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn workers_of_other_accounts_cannot_be_taken_from_nor_bound_to() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("theirs", &[], pending("", "v1", &[new(&["A"])])).await?;
    let id = plane.id_of("theirs", "A").await?;
    let guest = Plane { caller: Caller { account: "guest".to_owned(), ..plane.caller.clone() }, ..plane.clone() };
    assert_eq!(guest.refused("app", &[], pending("", "v1", &[transferred("A", "theirs", "A")])).await?.0, 10074);
    assert_eq!(guest.refused("app", &[object_of("A", "A", "theirs")], Migrations::None).await?.0, 10061);
    let by_id = json!({ "type": "durable_object_namespace", "name": "A", "namespace_id": id });
    assert_eq!(guest.refused("app", &[by_id], Migrations::None).await?.0, 10061);
    assert_eq!(guest.refused("app", &[service("A", "theirs")], Migrations::None).await?.0, 10143);
    Ok(())
}

#[tokio::test]
async fn a_class_is_bound_only_where_it_is_implemented() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("rooms", &[], pending("", "v1", &[new(&["Room"])])).await?;
    for binding in [
        object("A", "Room"),
        object("A", "Hall"),
        object_of("A", "Hall", "rooms"),
        object_of("A", "Room", "nobody"),
        json!({ "type": "durable_object_namespace", "name": "A", "namespace_id": "0".repeat(32) }),
        json!({ "type": "durable_object_namespace", "name": "A", "namespace_id": "../rooms" }),
    ] {
        let (code, text) = plane.refused("app", std::slice::from_ref(&binding), Migrations::None).await?;
        assert!(code == 10061 && text.contains("binding A"), "{binding}: {text}");
    }
    for binding in [
        json!({ "type": "durable_object_namespace", "name": "A" }),
        json!({ "type": "durable_object_namespace", "name": "A", "class_name": 1 }),
        json!({ "type": "durable_object_namespace", "name": "A", "class_name": "" }),
        json!({ "type": "durable_object_namespace", "name": "A", "class_name": "Room", "environment": "staging" }),
        json!({ "type": "durable_object_namespace", "name": "", "class_name": "Room" }),
    ] {
        assert_eq!(plane.refused("rooms", std::slice::from_ref(&binding), Migrations::None).await?.0, 10021, "{binding}");
    }
    let twice = [object("A", "Room"), object("A", "Room")];
    assert_eq!(plane.refused("rooms", &twice, Migrations::None).await?.0, 10021);
    Ok(())
}

#[tokio::test]
async fn a_class_that_is_still_bound_is_not_deleted() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("rooms", &[object("ROOM", "Room")], pending("", "v1", &[new(&["Room"])])).await?;
    let delete = || pending("v1", "v2", &[deleted(&["Room"])]);
    let own_by_id = json!({ "type": "inherit", "name": "ROOM" });
    for binding in [object("ROOM", "Room"), own_by_id] {
        let (code, text) = plane.refused("rooms", &[binding], delete()).await?;
        let expected = "Cannot apply --delete-class migration to class 'Room' without also removing the binding";
        assert!(code == 10061 && text.starts_with(expected), "{text}");
    }
    plane.put("guest", &[object_of("THEIRS", "Room", "rooms")], Migrations::None).await?;
    let (code, text) = plane.refused("rooms", &[], delete()).await?;
    assert!(code == 10061 && text.contains("\"guest\""), "{text}");
    plane.put("guest", &[], Migrations::None).await?;
    plane.put("rooms", &[], delete()).await?;
    assert_eq!((plane.namespaces().await?, plane.deleted().await?.len()), (vec![], 1));
    // The guest's version that was bound to it is kept, and cannot serve again.
    let guest = plane.told("guest").await?;
    let bound = guest.versions.iter().find(|version| version.is_preview).ok_or("it has a preview")?;
    let refused = plane.deploy("guest", &bound.id).await.err().ok_or("it was deployed")?;
    assert!(refused.code == 10064 && refused.message.contains("THEIRS"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn lists_that_are_too_long_are_refused() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    let steps = vec![new(&[]); 1_001];
    assert_eq!(plane.refused("app", &[], pending("", "v1", &steps)).await?.0, 10021);
    let classes: Vec<String> = (0..20_000).map(|number| format!("C{number}")).collect();
    let step = |count: usize| MigrationStep { new_sqlite_classes: classes[..count].to_vec(), ..MigrationStep::default() };
    assert_eq!(plane.refused("app", &[], pending("", "v1", &[step(20_000)])).await?.0, 10021);
    let (code, text) = plane.refused("app", &[], pending("", "v1", &[step(1_001)])).await?;
    assert!(code == 10021 && text.contains("1000 classes"), "{text}");
    let bindings: Vec<Value> = (0..1_001).map(|number| service(&format!("S{number}"), "app")).collect();
    assert_eq!(plane.refused("app", &bindings, Migrations::None).await?.0, 10021);
    let large = json!({ "type": "service", "name": "S", "service": "app", "props": { "text": "x".repeat(2 << 20) } });
    assert_eq!(plane.refused("app", &[large], Migrations::None).await?.0, 10027);
    plane.put("app", &[], pending("", "v1", &[step(1_000)])).await?;
    assert_eq!(plane.namespaces().await?.len(), 1_000);
    Ok(())
}
