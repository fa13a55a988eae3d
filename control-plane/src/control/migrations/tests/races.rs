//! Others who change the same at the same time, and a process that ends in between.

use super::*;

#[tokio::test]
async fn of_two_who_apply_the_same_migration_one_does() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("app", &[], Migrations::None).await?;
    let uploads = (0..4).map(|_| {
        let plane = plane.clone();
        tokio::spawn(async move {
            let made = plane.put("app", &[object("A", "A")], pending("", "v1", &[new(&["A"])])).await;
            made.map_err(|error| error.code)
        })
    });
    let mut results = Vec::new();
    for upload in uploads.collect::<Vec<_>>() {
        results.push(upload.await?.map(drop));
    }
    results.sort();
    assert_eq!(results, [Ok(()), Err(10079), Err(10079), Err(10079)]);
    assert_eq!(plane.namespaces().await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_configuration_whose_migrations_somebody_else_applies_meanwhile_is_taken() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("app", &[], Migrations::None).await?;
    let uploads: Vec<_> = (0..4)
        .map(|_| {
            let plane = plane.clone();
            tokio::spawn(async move { plane.put("app", &[object("A", "A")], all(&[("v1", new(&["A"]))])).await.map(drop) })
        })
        .collect();
    for upload in uploads {
        upload.await??;
    }
    assert_eq!((plane.namespaces().await?.len(), plane.tag("app").await?.as_deref()), (1, Some("v1")));
    Ok(())
}

#[tokio::test]
async fn many_workers_are_bound_to_a_namespace_at_once() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("rooms", &[], pending("", "v1", &[new(&["Room"])])).await?;
    let uploads: Vec<_> = (0..6)
        .map(|number| {
            let plane = plane.clone();
            let binding = object_of("ROOM", "Room", "rooms");
            tokio::spawn(async move { plane.put(&format!("guest-{number}"), &[binding], Migrations::None).await.map(drop) })
        })
        .collect();
    for upload in uploads {
        upload.await??;
    }
    plane.put("rooms", &[], pending("v1", "v2", &[renamed(&[("Room", "Hall")])])).await?;
    for number in 0..6 {
        assert_eq!(plane.serving(&format!("guest-{number}")).await?.0[0].class, "Hall");
    }
    Ok(())
}

#[tokio::test]
async fn who_is_bound_while_the_class_is_deleted_is_seen() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("rooms", &[], pending("", "v1", &[new(&["Room"])])).await?;
    let guest = plane.clone();
    plane.meanwhile(async move {
        let bound = guest.put("guest", &[object_of("ROOM", "Room", "rooms")], Migrations::None).await;
        assert!(bound.is_ok(), "{bound:?}");
    });
    let refused = plane.put("rooms", &[], pending("v1", "v2", &[deleted(&["Room"])])).await.err().ok_or("it was deleted")?;
    assert!(refused.code == 10061 && refused.message.contains("\"guest\""), "{refused}");
    assert_eq!(plane.serving("guest").await?.0[0].namespace, plane.id_of("rooms", "Room").await?);
    Ok(())
}

#[tokio::test]
async fn a_class_that_is_renamed_or_deleted_while_somebody_binds_to_it() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("rooms", &[], pending("", "v1", &[new(&["Room", "Hall"])])).await?;
    let by_id = async |class: &str| -> Result<Value, Failure> {
        let id = plane.id_of("rooms", class).await?;
        Ok(json!({ "type": "durable_object_namespace", "name": "ROOM", "namespace_id": id }))
    };
    let (room, hall) = (by_id("Room").await?, by_id("Hall").await?);
    let other = plane.clone();
    plane.meanwhile(async move {
        let made = other.put("rooms", &[], pending("v1", "v2", &[renamed(&[("Room", "Lobby")])])).await;
        assert!(made.is_ok(), "{made:?}");
    });
    plane.put("guest", &[room], Migrations::None).await?;
    assert_eq!(plane.serving("guest").await?.0[0].class, "Lobby");
    let other = plane.clone();
    plane.meanwhile(async move {
        let made = other.put("rooms", &[], pending("v2", "v3", &[deleted(&["Hall"])])).await;
        assert!(made.is_ok(), "{made:?}");
    });
    let refused = plane.put("late", &[hall], Migrations::None).await.err().ok_or("it is bound to nothing")?;
    assert_eq!(refused.code, 10061);
    Ok(())
}

#[tokio::test]
async fn a_change_of_a_bound_worker_meanwhile_does_not_undo_what_it_is_told() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("rooms", &[], pending("", "v1", &[new(&["Room"])])).await?;
    plane.put("guest", &[object_of("ROOM", "Room", "rooms")], Migrations::None).await?;
    let triggers = |pattern: &str| crate::control::NewTriggers { routes: Some(texts(&[pattern])), ..Default::default() };
    // The guest gets a route while the class is renamed.
    let other = plane.clone();
    let route = triggers("one.example/*");
    plane.meanwhile(async move {
        let made = other.control.set_triggers(&other.caller, "test", "guest", &route, None).await;
        assert!(made.is_ok(), "{made:?}");
    });
    plane.put("rooms", &[], pending("v1", "v2", &[renamed(&[("Room", "Hall")])])).await?;
    let told = plane.told("guest").await?;
    assert!(told.routes.contains(&"one.example/*".to_owned()), "{:?}", told.routes);
    assert_eq!(plane.serving("guest").await?.0[0].class, "Hall");
    // The class is renamed while the guest gets a route.
    let other = plane.clone();
    plane.meanwhile(async move {
        let made = other.put("rooms", &[], pending("v2", "v3", &[renamed(&[("Hall", "Lobby")])])).await;
        assert!(made.is_ok(), "{made:?}");
    });
    plane.control.set_triggers(&plane.caller, "test", "guest", &triggers("two.example/*"), None).await?;
    let told = plane.told("guest").await?;
    assert!(told.routes.contains(&"two.example/*".to_owned()), "{:?}", told.routes);
    assert_eq!(plane.serving("guest").await?.0[0].class, "Lobby");
    Ok(())
}

#[tokio::test]
async fn a_worker_that_somebody_takes_from_meanwhile_does_not_keep_the_class() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("old", &[], pending("", "v1", &[new(&["A"])])).await?;
    let taker = plane.clone();
    plane.meanwhile(async move {
        let made = taker.put("new", &[], pending("", "v1", &[transferred("A", "old", "A")])).await;
        assert!(made.is_ok(), "{made:?}");
    });
    plane.put("old", &[], Migrations::None).await?;
    assert_eq!((plane.serving("old").await?.1.len(), plane.serving("new").await?.1.len()), (0, 1));
    Ok(())
}

#[tokio::test]
async fn when_the_process_ends_before_the_commit_nothing_has_happened() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.put("rooms", &[], pending("", "v1", &[new(&["Room", "Hall"])])).await?;
    plane.put("guest", &[object_of("ROOM", "Room", "rooms")], Migrations::None).await?;
    let (rows, feed) = (plane.rows().await?, plane.control.live_snapshot().await?);
    plane.meta.is_broken.store(true, Ordering::Relaxed);
    let steps = [renamed(&[("Room", "Lobby")]), deleted(&["Hall"]), new(&["More"])];
    assert!(plane.put("rooms", &[], pending("v1", "v2", &steps)).await.is_err());
    assert!(plane.put("taker", &[], pending("", "v1", &[transferred("Room", "rooms", "Room")])).await.is_err());
    assert!(plane.control.delete_worker(&plane.caller, "rooms", true).await.is_err());
    assert_eq!(plane.rows().await?, rows);
    assert_eq!(plane.control.live_snapshot().await?, feed);
    plane.meta.is_broken.store(false, Ordering::Relaxed);
    plane.put("rooms", &[], pending("v1", "v2", &steps)).await?;
    assert_eq!((plane.namespaces().await?.len(), plane.deleted().await?.len()), (2, 1));
    assert_eq!(plane.serving("guest").await?.0[0].class, "Lobby");
    Ok(())
}
