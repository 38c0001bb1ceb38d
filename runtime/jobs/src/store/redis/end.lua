-- Stores how an attempt ended; 0 if the job is not the worker's any more.
-- ARGV: worker, id, attempt, status, attempts counted in the end, when to run or "", result
local worker, id, attempt, status = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local inflight = INFLIGHT .. worker
if redis.call("SISMEMBER", inflight, id) == 0
    or redis.call("HGET", META .. id, "attempts") ~= attempt then
    return 0
end
local now = tonumber(redis.call("TIME")[1])
redis.call("SREM", inflight, id)
redis.call("HDEL", META .. id, "locked_by", "locked_at")
redis.call("HSET", META .. id, "status", status, "attempts", ARGV[5], "result", ARGV[7])
if status == "Done" then
    redis.call("HSET", META .. id, "done_at", now)
    redis.call("SADD", DONE, id)
    redis.call("ZADD", DONE_AT, now, id)
elseif status == "Killed" then
    redis.call("HSET", META .. id, "done_at", now)
    redis.call("SADD", DEAD, id)
else
    redis.call("ZADD", SCHEDULED, ARGV[6], id)
end
return 1
