{{ config(materialized='table', format='parquet', write_compression='snappy') }}
with totals as (
    select customer, count(*) as orders, sum(amount) as total, max(day) as latest
    from {{ ref('orders') }}
    group by customer
)
select *, rank() over (order by total desc nulls last) as place
from totals
