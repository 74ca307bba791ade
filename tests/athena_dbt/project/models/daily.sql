{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['dt']) }}
select count(*) as orders, sum(amount) as total, cast(day as varchar) as dt
from {{ ref('orders') }}
{% if is_incremental() %}
where cast(day as varchar) >= (select max(dt) from {{ this }})
{% endif %}
group by day
