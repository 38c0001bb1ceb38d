//! sqlx, tokio-postgres, deadpool-postgres, bb8, redis.

use bb8_postgres::PostgresConnectionManager;
use futures::TryStreamExt as _;
use redis::AsyncCommands as _;
use sqlx::{Acquire as _, Row as _, SqlitePool};
use tokio_postgres::NoTls;
use with_after::{after, with_after};

use crate::{Failure, Outcome};

async fn transfer(pool: &SqlitePool, from: i64, to: i64) -> Result<u64, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let left: i64 = sqlx::query_scalar("SELECT amount FROM accounts WHERE id = ?")
        .bind(from)
        .fetch_one(&mut *transaction)
        .await?;
    {
        let mut inner = transaction.begin().await?;
        sqlx::query("UPDATE accounts SET amount = amount + 1 WHERE id = ?")
            .bind(to)
            .execute(&mut *inner)
            .await?;
        inner.commit().await?;
    }
    if left < 0 {
        transaction.rollback().await?;
        return Ok(0);
    }
    transaction.commit().await?;
    Ok(1)
}

#[with_after(component)]
async fn sqlx(pool: SqlitePool) {
    let other = pool.clone();
    after(async move { transfer(&pool, 1, 2).await.map(drop) });
    after(async move {
        let mut rows = sqlx::query("SELECT 1").fetch(&other);
        while let Some(row) = rows.try_next().await? {
            let n: i64 = row.try_get(0)?;
        }
        let mut connection = other.acquire().await?;
        let found = sqlx::query_as::<_, (i64, String)>("SELECT 1, 'a'")
            .fetch_optional(&mut *connection)
            .await?;
        let all: Vec<(i64,)> = sqlx::query_as("SELECT 1").fetch_all(&other).await?;
        other.close().await;
        Ok::<_, sqlx::Error>(())
    });
}

#[with_after(component)]
async fn postgres(pool: deadpool_postgres::Pool, bb8: bb8::Pool<PostgresConnectionManager<NoTls>>) {
    after(async {
        let (mut client, connection) = tokio_postgres::connect("host=a", NoTls).await?;
        let driver = tokio::spawn(connection);
        let statement = client.prepare("SELECT $1").await?;
        client.query(&statement, &[&"a"]).await?;
        let transaction = client.transaction().await?;
        transaction.execute("SELECT 1", &[]).await?;
        let rows = transaction.query_raw("SELECT 1", std::iter::empty::<&str>()).await?;
        let rows: Vec<_> = rows.try_collect().await?;
        transaction.commit().await?;
        driver.await??;
        Ok::<_, Failure>(())
    });
    after(async move {
        let mut client = pool.get().await?;
        let statement = client.prepare_cached("SELECT 1").await?;
        let transaction = client.transaction().await?;
        transaction.query_one(&statement, &[]).await?;
        transaction.commit().await?;
        Ok::<_, Failure>(())
    });
    after(async move {
        let client = bb8.get().await?;
        client.execute("SELECT 1", &[]).await?;
        bb8.get_owned().await?.batch_execute("SELECT 1").await?;
        Ok::<_, Failure>(())
    });
}

#[with_after(component)]
async fn redis(client: redis::Client) {
    after(async move {
        let mut connection = client.get_multiplexed_async_connection().await?;
        let _: () = connection.set("a", 1).await?;
        let n: Option<i64> = connection.get("a").await?;
        let (one,): (i64,) =
            redis::pipe().atomic().incr("a", 1).query_async(&mut connection).await?;
        let keys: Vec<String> = {
            let mut scan = connection.scan_match("a*").await?;
            let mut keys = Vec::new();
            while let Some(key) = scan.next_item().await.transpose()? {
                keys.push(key);
            }
            keys
        };
        let mut subscription = client.get_async_pubsub().await?;
        subscription.subscribe("a").await?;
        let message = futures::StreamExt::next(&mut subscription.on_message()).await;
        let n: i64 = redis::Script::new("return 1").invoke_async(&mut connection).await?;
        Ok::<_, redis::RedisError>(())
    });
}
