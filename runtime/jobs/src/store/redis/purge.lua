-- Deletes some of the jobs that are done since then, and frees their keys.
-- ARGV: that time
for _, id in ipairs(redis.call("ZRANGEBYSCORE", DONE_AT, "-inf", "(" .. ARGV[1], "LIMIT", 0, 1000)) do
    local key = redis.call("HGET", META .. id, "idempotency_key")
    if key and key ~= "" then
        redis.call("DEL", KEY .. key)
    end
    redis.call("DEL", META .. id)
    redis.call("HDEL", DATA, id)
    redis.call("SREM", DONE, id)
    redis.call("ZREM", DONE_AT, id)
end
return 0
