-- Gives a worker what is due, and counts an attempt of each.
-- ARGV: worker, limit
local worker, limit = ARGV[1], tonumber(ARGV[2])
local now = tonumber(redis.call("TIME")[1])
-- What other tools of the engine have enqueued.
local ids = redis.call("LRANGE", ACTIVE, 0, limit - 1)
redis.call("LTRIM", ACTIVE, #ids, -1)
local due = redis.call("ZRANGEBYSCORE", SCHEDULED, "-inf", now, "LIMIT", 0, limit - #ids)
for _, id in ipairs(due) do
    redis.call("ZREM", SCHEDULED, id)
    table.insert(ids, id)
end
local fetched = {}
for _, id in ipairs(ids) do
    local payload = redis.call("HGET", DATA, id)
    if payload then
        redis.call("SADD", INFLIGHT .. worker, id)
        local attempt = redis.call("HINCRBY", META .. id, "attempts", 1)
        redis.call("HSET", META .. id, "status", "Running", "locked_by", worker, "locked_at", now)
        local max = tonumber(redis.call("HGET", META .. id, "max_attempts")) or 1
        table.insert(fetched, { id, payload, attempt, max })
    end
end
return fetched
