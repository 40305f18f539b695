"""The browser's storage, or a stand-in for it that lasts as long as the page."""

import reflex as rx

_STAND_IN = (
    "try{if(self!==top)throw 0;localStorage.length;sessionStorage.length}catch{"
    "for(const name of['localStorage','sessionStorage']){const kept=new Map();"
    "Object.defineProperty(window,name,{configurable:true,value:{"
    "getItem:k=>kept.get(String(k))??null,"
    "setItem:(k,v)=>{kept.set(String(k),String(v))},"
    "removeItem:k=>{kept.delete(String(k))},clear:()=>kept.clear(),"
    "key:i=>[...kept.keys()][i]??null,get length(){return kept.size}}})}}"
)


def storage_or_memory() -> rx.Component:
    """Runs first in the head. Browsers may forbid storage, and then throw at whoever asks for it;
    and inside another page nothing is stored at all: not under its name, and not beside ours."""
    return rx.el.script(_STAND_IN)
