typedef int wf_exchange_room;  // until the room has its first source file
