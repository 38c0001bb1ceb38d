-- Tells that a worker lives.
-- ARGV: worker, key of what is known of it
local worker = ARGV[1]
local now = tonumber(redis.call("TIME")[1])
redis.call("ZADD", WORKERS, now, worker)
redis.call("ZADD", "core:apalis:queues:list", "GT", now, WORKERS)
redis.call("HSET", ARGV[2], "backend_name", "RedisStorage", "service", "with-after-jobs")
return 0
