{{ config(materialized='view') }}
select id, customer, amount, paid, day
from {{ ref('raw_orders') }}
where day < date '{{ var("until") }}'
