{{ config(materialized='incremental', table_type='iceberg', incremental_strategy='merge', unique_key='customer', partitioned_by=['bucket(customer, 4)']) }}
select customer, count(*) as orders, sum(amount) as total, max(day) as latest
from {{ ref('orders') }}
group by customer
